// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/digest.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "daemon/dialect/form.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

using message::JsonKind;
using message::JsonValue;

// Keys that a JSON-RPC message is read without; the depth is counted from the message.
bool IsVolatile(JsonValue key, int depth) {
  return (depth == 0 && key.Says("id")) || (depth == 1 && key.Says("_meta"));
}

bool IsRpc(JsonValue body) {
  const JsonValue message = body.Is(JsonKind::kList) ? body.first() : body;
  return message["jsonrpc"].given();
}

// A value as it is meant: members in any order, escapes and blanks in any way.
struct Meant {
  JsonValue value;
  bool rpc = false;
  int depth = 0;

  template <typename H>
  friend H AbslHashValue(H state, const Meant& meant) {
    state = H::combine(std::move(state), meant.value.kind());
    switch (meant.value.kind()) {
      case JsonKind::kObject:
        return HashMembers(std::move(state), meant);
      case JsonKind::kList:
        return HashElements(std::move(state), meant);
      case JsonKind::kString:
        return HashString(std::move(state), meant.value);
      case JsonKind::kNumber:
        return HashNumber(std::move(state), meant.value.literal());
      case JsonKind::kTruth:
        return H::combine(std::move(state), meant.value.True());
      case JsonKind::kNull:
        return state;
    }
    return state;
  }

 private:
  template <typename H>
  static H HashMembers(H state, const Meant& meant) {
    absl::InlinedVector<std::pair<Meant, Meant>, 16> members;
    for (JsonValue member = meant.value.first(); member; member = member.next()) {
      if (meant.rpc && IsVolatile(member.key(), meant.depth)) continue;
      members.push_back({{member.key()}, {member, meant.rpc, meant.depth + 1}});
    }
    return H::combine_unordered(std::move(state), members.begin(), members.end());
  }

  template <typename H>
  static H HashElements(H state, const Meant& meant) {
    // The messages of a JSON-RPC batch are at the depth of a single one.
    const int depth = meant.depth == 0 ? 0 : meant.depth + 1;
    size_t size = 0;
    for (JsonValue item = meant.value.first(); item; item = item.next(), ++size) {
      state = H::combine(std::move(state), Meant{item, meant.rpc, depth});
    }
    return H::combine(std::move(state), size);
  }

  template <typename H>
  static H HashString(H state, JsonValue text) {
    // One type for both: a view and a string need not hash alike.
    if (text.plain()) return H::combine(std::move(state), Absl(text.raw()));
    const std::string unescaped = text.Text();
    return H::combine(std::move(state), Absl(unescaped));
  }

  // `1.50` is `1.5`, and `1.0` is `1`: whoever writes a request again may write its numbers another
  // way. Integers that a double cannot tell apart stay as they are written.
  template <typename H>
  static H HashNumber(H state, std::string_view literal) {
    if (literal.find_first_of(".eE") == std::string_view::npos) {
      return H::combine(std::move(state), Absl(literal));
    }
    double number = 0;
    std::from_chars(literal.data(), literal.data() + literal.size(), number);
    constexpr double kExact = 9007199254740992;
    if (number != std::floor(number) || std::abs(number) >= kExact)
      return H::combine(std::move(state), number);
    const std::string whole = absl::StrCat(static_cast<int64_t>(number));
    return H::combine(std::move(state), Absl(whole));
  }
};

}  // namespace

std::string RequestDigest(const message::Request& request, JsonValue body) {
  const Meant meant{body, IsRpc(body)};
  // Most bodies are JSON, and others no forms: nothing is copied.
  std::optional<std::string> form;
  if (!body) form = FormAsMeant(request.headers.Find("content-type"), request.body);
  const size_t hash = body ? absl::HashOf(request.method, request.path, request.query, meant)
                           : absl::HashOf(request.method, request.path, request.query,
                                          form.has_value() ? *form : request.body, request.unread);
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace murphy::dialect
