// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/holder.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/engine/address.h"
#include "daemon/engine/decision.h"
#include "daemon/engine/recogniser.h"
#include "faults/sha256.h"

namespace murphy::engine {
namespace {

// The first 64 bits of its SHA-256; never 0, which stands for nothing.
uint64_t DigestOf(std::string_view text) {
  constexpr size_t kHexDigitsOf64Bits = 16;
  const std::string hex = Sha256Hex(text).substr(0, kHexDigitsOf64Bits);
  uint64_t digest = 0;
  return absl::SimpleHexAtoi(hex, &digest) && digest != 0 ? digest : 1;
}

// Without revision and attempt: `…#1~2@3` is `…#1`.
std::string_view OperationIn(std::string_view address) {
  const size_t ordinal = address.rfind('#');
  if (ordinal == std::string_view::npos) return address;
  return address.substr(0, address.find_first_of("~@", ordinal));
}

}  // namespace

std::vector<uint64_t> CarriedBy(const message::Request& request,
                                const std::vector<scenario::Carrier>& carriers) {
  std::vector<uint64_t> carried;
  for (const scenario::Carrier& carrier : carriers) {
    const std::string_view value = carrier.In(request);
    carried.push_back(value.empty() ? 0 : DigestOf(value));
  }
  return carried;
}

Sessions::Sessions(const std::vector<scenario::Carrier>& carriers) {
  const auto session =
      std::find_if(carriers.begin(), carriers.end(), [](const auto& c) { return c.session(); });
  if (session != carriers.end()) place_ = static_cast<int>(session - carriers.begin());
}

void Sessions::Number(std::vector<uint64_t>& carried) {
  if (place_ < 0 || static_cast<size_t>(place_) >= carried.size()) return;
  uint64_t& session = carried[static_cast<size_t>(place_)];
  if (session == 0) return;
  const auto known = numbers_.find(session);
  if (known != numbers_.end()) {
    session = known->second;
  } else if (numbers_.size() < kMost) {
    const uint64_t number = numbers_.size() + 1;
    numbers_.emplace(session, number);
    session = number;
  }
}

std::optional<uint64_t> Holder::Of(const scenario::Whose& whose) const {
  using Kind = scenario::Whose::Kind;
  switch (whose.kind) {
    case Kind::kOperation:
      return HashName(OperationIn(identity_.address));
    case Kind::kAgent:
      return HashName(absl::StrCat("agent/", BoundedName(arrival_.agent)));
    case Kind::kTarget:
      return HashName(absl::StrCat("target/", CalledName(arrival_.call)));
    case Kind::kCarrier:
      if (whose.carrier >= carried_.size() || carried_[whose.carrier] == 0) return std::nullopt;
      return carried_[whose.carrier];
    case Kind::kRun:
    case Kind::kExperiment:
    case Kind::kExchange:
      break;
  }
  return HashName("run");
}

std::optional<Draw> Draws::Of(const scenario::Whose& whose) const {
  if (whose.kind == scenario::Whose::Kind::kExchange) return own_;
  const std::optional<uint64_t> holder = holder_.Of(whose);
  return holder.has_value() ? std::optional<Draw>(Draw(key_, *holder)) : std::nullopt;
}

}  // namespace murphy::engine
