// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/own_failure.h"

#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

std::string_view NameOf(v1::Origin origin) {
  if (origin == v1::ORIGIN_UPSTREAM) return "upstream";
  return origin == v1::ORIGIN_DOWNSTREAM ? "downstream" : "internal";
}

v1::ErrorKind KindOf(int status) {
  if (status == 504) return v1::ERROR_KIND_TIMEOUT;
  return status < 500 ? v1::ERROR_KIND_INVALID_REQUEST : v1::ERROR_KIND_SERVER_ERROR;
}

}  // namespace

message::Response OwnFailure(const message::Dialect& dialect, const message::Call& call, int status,
                             v1::Origin origin, std::string_view sentence) {
  const std::string said = Concat("murphy: ", sentence);
  message::Response response{.status = status, .reason = "", .headers = {}, .body = said + "\n"};
  response.headers = {{"content-type", "text/plain; charset=utf-8"}};
  if (dialect.name() != "http") {
    const message::ErrorSpec error{.kind = KindOf(status),
                                   .message = said,
                                   .retry_after_form = v1::RETRY_AFTER_FORM_ABSENT};
    // A plain answer, whatever was asked for: the call has failed before there could be a stream.
    message::Call plain = call;
    plain.stream = false;
    message::Response spelt = dialect.Error(error, plain, Draw(0, 0, "own-failure", call.digest));
    response.body = std::move(spelt.body);
    response.headers = {{"content-type", "application/json"}};
  }
  response.headers.push_back({"x-murphy-origin", std::string(NameOf(origin))});
  return response;
}

}  // namespace murphy::dialect
