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
constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kDay = absl::Hours(24);
// More agents or targets than this share one bucket.
constexpr size_t kMaxScopes = 1024;
// Room for the rounding of levels, so that whoever waits exactly as told is admitted.
constexpr double kRounding = 1e-6;

// A token bucket: full at first, and given back `rate` evenly over each window.
class Bucket {
 public:
  Bucket(double rate, absl::Duration window, double capacity)
      : rate_(rate), window_(window), capacity_(capacity), level_(capacity) {}
  Bucket(double rate, absl::Duration window) : Bucket(rate, window, rate) {}

  void Refill(absl::Duration now) {
    level_ =
        std::min(capacity_, level_ + rate_ * std::max(0.0, absl::FDivDuration(now - at_, window_)));
    at_ = std::max(at_, now);
  }
  bool Has(double amount) const { return level_ + kRounding >= amount; }
  // It has that much when it is full.
  bool Holds(double amount) const { return capacity_ + kRounding >= amount; }
  // Debts are allowed: an answer may cost more than was estimated.
  void Take(double amount) { level_ = std::min(capacity_, level_ - amount); }
  // Of what can never be admitted, a client is told to wait as long as the window lasts.
  absl::Duration Wait(double amount) const {
    if (amount > capacity_) return window_;
    return std::max(absl::ZeroDuration(), (amount - level_) / rate_ * window_);
  }
  message::LimitState Shown() const {
    return {.limit = static_cast<uint64_t>(capacity_),
            .remaining = static_cast<uint64_t>(std::max(0.0, level_ + kRounding)),
            .reset = (capacity_ - level_) / rate_ * window_};
  }

 private:
  double rate_;
  absl::Duration window_;
  double capacity_;
  double level_;
  absl::Duration at_;
};

// What is counted together.
struct Account {
  std::optional<Bucket> requests, tokens;
  std::optional<Bucket> day_requests, day_tokens;
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
    // Headers tell of one limit of each kind: the one that moves.
    const auto shown = [](const std::optional<Bucket>& minute, const std::optional<Bucket>& day) {
      return minute ? std::optional(minute->Shown())
                    : (day ? std::optional(day->Shown()) : std::nullopt);
    };
    refusal.error.requests = shown(account.requests, account.day_requests);
    refusal.error.tokens = shown(account.tokens, account.day_tokens);
    return admitted ? Admission::kDeclined : Admission::kFire;
  }

  void Settle(const Finished& finished, RuleState* rule, Now now) const override {
    if (!Limited() || finished.admission == Admission::kFire) {
      return;
    }
    Account& account = AccountOf(static_cast<Limiter&>(*rule), finished.call, finished.agent);
    account.in_flight -= account.in_flight > 0 ? 1 : 0;
    for (std::optional<Bucket>* bucket : {&account.tokens, &account.day_tokens}) {
      if (!bucket->has_value() || finished.tokens == 0) continue;
      (*bucket)->Refill(now.run);
      (*bucket)->Take(static_cast<double>(finished.tokens) -
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
           spec_.has_concurrent() || spec_.has_requests_per_day() || spec_.has_tokens_per_day();
  }

  Account& AccountOf(Limiter& limiter, const message::Call& call, std::string_view agent) const {
    std::string_view key = spec_.per() == v1::LIMIT_SCOPE_AGENT    ? agent
                           : spec_.per() == v1::LIMIT_SCOPE_TARGET ? std::string_view(call.name)
                                                                   : std::string_view();
    auto found = limiter.accounts.find(key);
    if (found == limiter.accounts.end()) {
      key = limiter.accounts.size() < kMaxScopes ? key : std::string_view();
      found = limiter.accounts.try_emplace(std::string(key), NewAccount()).first;
    }
    return found->second;
  }

  Account NewAccount() const {
    Account account;
    if (spec_.has_requests_per_minute()) {
      const uint32_t rate = spec_.requests_per_minute();
      account.requests.emplace(rate, kMinute, spec_.has_burst() ? spec_.burst() : rate);
    }
    if (spec_.has_tokens_per_minute()) account.tokens.emplace(spec_.tokens_per_minute(), kMinute);
    if (spec_.has_requests_per_day()) account.day_requests.emplace(spec_.requests_per_day(), kDay);
    if (spec_.has_tokens_per_day()) {
      account.day_tokens.emplace(static_cast<double>(spec_.tokens_per_day()), kDay);
    }
    return account;
  }

  static void Refuse(Refusal& refusal, std::string_view by, absl::Duration wait) {
    refusal.refused = true;
    refusal.by = by;
    refusal.error.retry_after = wait;
  }

  // A bucket, what the exchange costs of it, and what the limit is called.
  struct Charge {
    Bucket* bucket;
    double amount;
    const char* limit;
  };

  static std::vector<Charge> ChargesOf(Account& account, double tokens) {
    std::vector<Charge> charges;
    const auto add = [&](std::optional<Bucket>& bucket, double amount, const char* limit) {
      if (bucket.has_value()) charges.push_back({&*bucket, amount, limit});
    };
    add(account.requests, 1, "requests_per_minute");
    add(account.tokens, tokens, "tokens_per_minute");
    add(account.day_requests, 1, "requests_per_day");
    add(account.day_tokens, tokens, "tokens_per_day");
    return charges;
  }

  // Takes what the exchange costs, or refuses it and takes nothing.
  bool Enter(Account& account, double tokens, absl::Duration now, Refusal& refusal) const {
    const std::vector<Charge> charges = ChargesOf(account, tokens);
    for (const Charge& charge : charges) charge.bucket->Refill(now);
    if (now < account.closed_until) {
      Refuse(refusal, "early_return", account.closed_until - now);
      return false;
    }
    if (spec_.has_concurrent() && account.in_flight >= spec_.concurrent()) {
      Refuse(refusal, "concurrent", stated_.value_or(kDefaultWait));
      account.closed_until = stated_ ? now + *stated_ : now;
      return false;
    }
    const Charge* refusing = nullptr;
    absl::Duration wait;
    // What never fits must not keep others from a bucket that has room for them.
    bool never = true;
    for (const Charge& charge : charges) {
      wait = std::max(wait, charge.bucket->Wait(charge.amount));
      if (charge.bucket->Has(charge.amount)) continue;
      if (refusing == nullptr) refusing = &charge;
      never = never && !charge.bucket->Holds(charge.amount);
    }
    if (refusing != nullptr) {
      Refuse(refusal, refusing->limit, stated_.value_or(wait));
      if (!never) account.closed_until = now + *refusal.error.retry_after;
      return false;
    }
    for (const Charge& charge : charges) charge.bucket->Take(charge.amount);
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
