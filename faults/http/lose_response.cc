// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

std::string_view GatewayPhrase(uint32_t code) {
  return code == 502   ? "502 Bad Gateway"
         : code == 503 ? "503 Service Unavailable"
         : code == 504 ? "504 Gateway Timeout"
                       : "";
}

// The plain page that a gateway in front of the upstream would send.
message::Response GatewayError(uint32_t code) {
  const std::string_view known = GatewayPhrase(code);
  const std::string title = known.empty() ? absl::StrCat(code, " Error") : std::string(known);
  return {.status = static_cast<int>(code),
          .headers = {{"Content-Type", "text/html"}},
          .body = absl::StrCat("<html>\r\n<head><title>", title,
                               "</title></head>\r\n<body>\r\n<center><h1>", title,
                               "</h1></center>\r\n</body>\r\n</html>\r\n")};
}

class LoseResponse final : public Fault {
 public:
  explicit LoseResponse(const v1::LoseResponseFault& spec) : how_(spec.how()), code_(spec.code()) {
    if (spec.has_duration()) {
      duration_ = FromProto(spec.duration());
    }
  }

  Stage stage() const override { return Stage::kPostCommit; }
  bool terminal() const override { return true; }

  AnswerActions OnResponse(const ResponseInput&, Scope&) const override {
    return {{action::DiscardAnswer{}, Instead()}, {}};
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object parameters{{"how", EnumText(how_)}};
    if (how_ == v1::LOSS_MODE_STATUS) {
      parameters["code"] = code_;
    }
    if (how_ == v1::LOSS_MODE_HANG && duration_) {
      parameters["duration"] = DurationText(*duration_);
    }
    return boost::json::serialize(parameters);
  }

 private:
  AnswerAction Instead() const {
    if (how_ == v1::LOSS_MODE_HANG) {
      return action::Hang{duration_};
    }
    if (how_ == v1::LOSS_MODE_CLOSE) {
      return action::Close{};
    }
    if (how_ == v1::LOSS_MODE_STATUS) {
      return action::Respond{GatewayError(code_)};
    }
    return action::Reset{};
  }

  v1::LossMode how_;
  uint32_t code_;
  std::optional<absl::Duration> duration_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::LoseResponseFault& fault) {
  return std::make_unique<LoseResponse>(fault);
}

}  // namespace murphy
