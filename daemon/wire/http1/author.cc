// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/author.h"

#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace murphy::wire {
namespace {

namespace http = boost::beast::http;

std::string_view OriginName(v1::Origin origin) {
  if (origin == v1::ORIGIN_UPSTREAM) return "upstream";
  return origin == v1::ORIGIN_DOWNSTREAM ? "downstream" : "internal";
}

// 529 has no standard phrase; providers that use it send this one.
std::string_view ReasonOf(int status) {
  if (status == 529) return "Overloaded";
  return http::obsolete_reason(static_cast<http::status>(status));
}

}  // namespace

std::string HttpDate() {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone());
}

std::string Author(const message::Response& response, bool with_body, bool close) {
  http::response<http::string_body> out;
  out.version(11);
  out.result(static_cast<unsigned>(response.status));
  const std::string_view reason =
      response.reason.empty() ? ReasonOf(response.status) : response.reason;
  out.reason({reason.data(), reason.size()});
  if (message::FindHeader(response.headers, "date").empty()) out.insert("Date", HttpDate());
  for (const message::Header& header : response.headers) out.insert(header.name, header.value);
  if (close) out.set(http::field::connection, "close");
  if (response.status != 204 && response.status != 304) {
    out.set(http::field::content_length, std::to_string(response.body.size()));
  }
  if (with_body) out.body() = response.body;
  std::string bytes;
  http::serializer<false, http::string_body> serializer(out);
  boost::beast::error_code error;
  while (!serializer.is_done() && !error) {
    serializer.next(error, [&](boost::beast::error_code&, const auto& buffers) {
      size_t size = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        bytes.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      serializer.consume(size);
    });
  }
  return bytes;
}

message::Response OwnFailure(int status, v1::Origin origin, std::string_view sentence) {
  message::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"x-murphy-origin", std::string(OriginName(origin))}};
  response.body = "murphy: " + std::string(sentence) + "\n";
  return response;
}

}  // namespace murphy::wire
