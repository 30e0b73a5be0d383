// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/marks.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"

namespace murphy::engine {
namespace {

namespace json = boost::json;

// Of a longer document, nothing is found at a pointer.
constexpr size_t kMostRead = 1 << 20;

std::string Sha256(std::string_view text) {
  // Looked up once: the library searches its providers each time.
  static const EVP_MD* const sha = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, sha, nullptr) != 1) return {};
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), length});
}

std::optional<json::value> Parsed(std::string_view text) {
  if (text.empty() || text.size() > kMostRead) return std::nullopt;
  json::error_code error;
  json::value document = json::parse({text.data(), text.size()}, error);
  if (error) return std::nullopt;
  return document;
}

// Takes the value at a pointer out of the document; null where there is none.
json::value Take(json::value& document, std::string_view pointer) {
  json::error_code error;
  json::value* value = document.find_pointer({pointer.data(), pointer.size()}, error);
  return value == nullptr ? json::value() : std::exchange(*value, json::value());
}

std::string TextOf(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  return json::serialize(value);
}

// Equal for equal values, whatever the order of their members.
void AppendSorted(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* member : members) {
      out += json::serialize(json::value(member->key()));
      out += ':';
      AppendSorted(member->value(), out);
      out += ',';
    }
    out += '}';
  } else if (const auto* list = value.if_array()) {
    out += '[';
    for (const json::value& part : *list) {
      AppendSorted(part, out);
      out += ',';
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

// Of what a request says besides the part that was taken out of its document.
std::string DigestOf(const message::Request& request, const message::Call& call,
                     const json::value& document) {
  std::string text;
  for (const std::string* part : {&request.method, &request.path, &request.query, &call.name}) {
    text += *part;
    text += '\n';
  }
  AppendSorted(document, text);
  return Sha256(text);
}

// Finds the key where the place says; false: nowhere.
bool FindKey(std::string_view place, const message::Request& request, const message::Call& call,
             Marks& marks) {
  constexpr std::string_view kHeader = "header:", kJson = "json:";
  if (place.starts_with(kHeader)) {
    const std::string_view key = message::FindHeader(request.headers, place.substr(kHeader.size()));
    if (!key.empty()) marks.idempotency = Sha256(key);
    return !key.empty();
  }
  if (!place.starts_with(kJson)) return false;
  const std::string_view pointer = place.substr(kJson.size());
  const std::string_view body = request.body_complete ? std::string_view(request.body) : "";
  for (const std::string_view text : {std::string_view(call.arguments), body}) {
    std::optional<json::value> document = Parsed(text);
    if (!document.has_value()) continue;
    const std::string key = TextOf(Take(*document, pointer));
    if (key.empty()) continue;
    marks.idempotency = Sha256(key);
    if (!call.digest.empty()) marks.digest = DigestOf(request, call, *document);
    return true;
  }
  return false;
}

}  // namespace

Marks MarksOf(const message::Request& request, const message::Call& call,
              std::span<const Reading> readings) {
  Marks marks{.digest = call.digest, .idempotency = {}};
  for (const Reading& reading : readings) {
    for (const uint32_t target : reading.targets) {
      const v1::Target& spec = reading.plan->targets()[target].spec;
      if (spec.has_idempotency_key() && FindKey(spec.idempotency_key(), request, call, marks))
        return marks;
    }
  }
  return marks;
}

}  // namespace murphy::engine
