// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

constexpr absl::Duration kDefaultWait = absl::Seconds(1);
// What is asked for can never be admitted; a client is told to wait as long as a window lasts.
constexpr absl::Duration kWindow = absl::Minutes(1);
// More agents or targets than this share one bucket.
constexpr size_t kMaxScopes = 1024;
// Room for the rounding of levels, so that whoever waits exactly as told is admitted.
constexpr double kRounding = 1e-6;

// A token bucket: full at first, refilled evenly over each minute.
class Bucket {
 public:
  explicit Bucket(double capacity) : capacity_(capacity), level_(capacity) {}

  void Refill(absl::Duration now) {
    level_ = std::min(capacity_,
                      level_ + capacity_ * std::max(0.0, absl::FDivDuration(now - at_, kWindow)));
    at_ = std::max(at_, now);
  }
  bool Has(double amount) const { return level_ + kRounding >= amount; }
  // It has that much when it is full.
  bool Holds(double amount) const { return capacity_ + kRounding >= amount; }
  // Debts are allowed: an answer may cost more than was estimated.
  void Take(double amount) { level_ = std::min(capacity_, level_ - amount); }
  absl::Duration Wait(double amount) const {
    if (amount > capacity_) {
      return kWindow;
    }
    return std::max(absl::ZeroDuration(), (amount - level_) / capacity_ * kWindow);
  }
  message::LimitState Shown() const {
    return {.limit = static_cast<uint64_t>(capacity_),
            .remaining = static_cast<uint64_t>(std::max(0.0, level_ + kRounding)),
            .reset = (capacity_ - level_) / capacity_ * kWindow};
  }

 private:
  double capacity_;
  double level_;
  absl::Duration at_;
};

// What is counted together.
struct Account {
  std::optional<Bucket> requests;
  std::optional<Bucket> tokens;
  uint32_t in_flight = 0;
  // A refusal that states a delay holds for that delay: early returns are refused again.
  absl::Duration closed_until;
};

struct Limiter : RuleState {
  std::map<std::string, Account, std::less<>> accounts;
};

struct Refusal : ExchangeState {
  bool refused = false;
  std::string by;
  message::ErrorSpec error;
};

class RateLimit final : public Fault {
 public:
  explicit RateLimit(const v1::RateLimitFault& spec) : spec_(spec) {
    if (spec.has_retry_after()) {
      stated_ = FromProto(spec.retry_after());
    }
  }

  Stage stage() const override { return Stage::kAdmission; }
  bool terminal() const override { return true; }
  std::unique_ptr<RuleState> NewRuleState() const override { return std::make_unique<Limiter>(); }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<Refusal>();
  }

  Admission Admit(const RequestInput& input, RuleState* rule, Scope& scope) const override {
    auto& refusal = static_cast<Refusal&>(*scope.state);
    refusal.error.kind = v1::ERROR_KIND_RATE_LIMITED;
    refusal.error.retry_after_form = spec_.retry_after_form();
    if (!Limited()) {
      Refuse(refusal, "every_request", stated_.value_or(kDefaultWait));
      return Admission::kFire;
    }
    Account& account = AccountOf(static_cast<Limiter&>(*rule), input.call, input.agent);
    const bool admitted =
        Enter(account, static_cast<double>(input.call.estimated_tokens), scope.now.run, refusal);
    if (account.requests) {
      refusal.error.requests = account.requests->Shown();
    }
    if (account.tokens) {
      refusal.error.tokens = account.tokens->Shown();
    }
    return admitted ? Admission::kDeclined : Admission::kFire;
  }

  void Settle(const Finished& finished, RuleState* rule, Now now) const override {
    if (!Limited() || finished.admission == Admission::kFire) {
      return;
    }
    Account& account = AccountOf(static_cast<Limiter&>(*rule), finished.call, finished.agent);
    account.in_flight -= account.in_flight > 0 ? 1 : 0;
    if (account.tokens && finished.tokens > 0) {
      account.tokens->Refill(now.run);
      account.tokens->Take(static_cast<double>(finished.tokens) -
                           static_cast<double>(finished.call.estimated_tokens));
    }
  }

  RequestActions OnRequest(const RequestInput& input, Scope& scope) const override {
    auto& refusal = static_cast<Refusal&>(*scope.state);
    refusal.error.wall = scope.now.wall;
    if (!refusal.refused) return {};
    return {{action::Respond{input.dialect.Error(refusal.error, input.call, scope.draw)}}, {}};
  }

  AnswerActions OnResponse(const ResponseInput& input, Scope& scope) const override {
    auto& refusal = static_cast<Refusal&>(*scope.state);
    refusal.error.wall = scope.now.wall;
    std::vector<message::Header> headers;
    if (!refusal.refused) {
      refusal.error.streamed = input.call.stream;
      headers = input.dialect.LimitHeaders(refusal.error);
    }
    if (headers.empty()) return {};
    return {{action::EditHead{.set = std::move(headers)}}, {}};
  }

  std::string Parameters(const Scope& scope) const override {
    const auto* refusal = static_cast<const Refusal*>(scope.state);
    boost::json::object parameters{{"retry_after_form", EnumText(spec_.retry_after_form())},
                                   {"per", EnumText(spec_.per())}};
    if (refusal != nullptr && refusal->refused) {
      parameters["retry_after"] = DurationText(*refusal->error.retry_after);
      parameters["refused_by"] = refusal->by;
    }
    return boost::json::serialize(parameters);
  }

 private:
  bool Limited() const {
    return spec_.has_requests_per_minute() || spec_.has_tokens_per_minute() ||
           spec_.has_concurrent();
  }

  Account& AccountOf(Limiter& limiter, const message::Call& call, std::string_view agent) const {
    std::string_view key = spec_.per() == v1::LIMIT_SCOPE_AGENT    ? agent
                           : spec_.per() == v1::LIMIT_SCOPE_TARGET ? std::string_view(call.name)
                                                                   : std::string_view();
    auto found = limiter.accounts.find(key);
    if (found == limiter.accounts.end()) {
      key = limiter.accounts.size() < kMaxScopes ? key : std::string_view();
      Account account;
      if (spec_.has_requests_per_minute()) {
        account.requests.emplace(spec_.requests_per_minute());
      }
      if (spec_.has_tokens_per_minute()) {
        account.tokens.emplace(spec_.tokens_per_minute());
      }
      found = limiter.accounts.try_emplace(std::string(key), account).first;
    }
    return found->second;
  }

  static void Refuse(Refusal& refusal, std::string_view by, absl::Duration wait) {
    refusal.refused = true;
    refusal.by = by;
    refusal.error.retry_after = wait;
  }

  // Takes what the exchange costs, or refuses it and takes nothing.
  bool Enter(Account& account, double tokens, absl::Duration now, Refusal& refusal) const {
    if (account.requests) {
      account.requests->Refill(now);
    }
    if (account.tokens) {
      account.tokens->Refill(now);
    }
    if (now < account.closed_until) {
      Refuse(refusal, "early_return", account.closed_until - now);
      return false;
    }
    if (spec_.has_concurrent() && account.in_flight >= spec_.concurrent()) {
      Refuse(refusal, "concurrent", stated_.value_or(kDefaultWait));
      account.closed_until = stated_ ? now + *stated_ : now;
      return false;
    }
    const bool by_requests = account.requests && !account.requests->Has(1);
    if (by_requests || (account.tokens && !account.tokens->Has(tokens))) {
      const absl::Duration wait =
          std::max(account.requests ? account.requests->Wait(1) : absl::ZeroDuration(),
                   account.tokens ? account.tokens->Wait(tokens) : absl::ZeroDuration());
      Refuse(refusal, by_requests ? "requests_per_minute" : "tokens_per_minute",
             stated_.value_or(wait));
      // What never fits must not keep others from a bucket that has room for them.
      const bool never = account.tokens && !account.tokens->Holds(tokens);
      if (!never || by_requests) account.closed_until = now + *refusal.error.retry_after;
      return false;
    }
    if (account.requests) {
      account.requests->Take(1);
    }
    if (account.tokens) {
      account.tokens->Take(tokens);
    }
    ++account.in_flight;
    return true;
  }

  v1::RateLimitFault spec_;
  std::optional<absl::Duration> stated_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::RateLimitFault& fault) {
  return std::make_unique<RateLimit>(fault);
}

}  // namespace murphy
