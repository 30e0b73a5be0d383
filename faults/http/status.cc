// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

message::Response Author(const v1::StatusFault& spec) {
  message::Response response{.status = static_cast<int>(spec.code())};
  // RFC 9110 section 6.4.1: these have no content.
  if (spec.code() != 204 && spec.code() != 304) {
    response.body = spec.body();
  }
  if (!response.body.empty()) {
    response.headers.push_back(message::CleanHeader("Content-Type", spec.content_type()));
  }
  std::vector<message::Header> extra;
  for (const auto& [name, value] : spec.headers()) {
    extra.push_back(message::CleanHeader(name, value));
  }
  // A protobuf map has no order of its own.
  std::sort(extra.begin(), extra.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const message::Header& header : extra) {
    if (!header.name.empty()) {
      message::SetHeader(response.headers, header.name, header.value);
    }
  }
  return response;
}

class Status final : public Fault {
 public:
  explicit Status(const v1::StatusFault& spec)
      : response_(Author(spec)), after_commit_(spec.after_commit()) {}

  Stage stage() const override { return after_commit_ ? Stage::kPostCommit : Stage::kPreCommit; }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput&, Scope&) const override {
    return after_commit_ ? RequestActions() : RequestActions{{action::Respond{response_}}, {}};
  }

  AnswerActions OnResponse(const ResponseInput&, Scope&) const override {
    if (!after_commit_) return {};
    return {{action::DiscardAnswer{}, action::Respond{response_}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(
        boost::json::object{{"code", response_.status}, {"after_commit", after_commit_}});
  }

 private:
  message::Response response_;
  bool after_commit_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::StatusFault& fault) {
  return std::make_unique<Status>(fault);
}

}  // namespace murphy
