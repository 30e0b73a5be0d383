// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/idempotency.h"

#include <array>
#include <boost/json.hpp>
#include <optional>

#include "absl/strings/escaping.h"
#include "openssl/evp.h"

namespace murphy::engine {
namespace {

std::string Sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    return {};
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), length});
}

// The value at a JSON Pointer: the text of a string, the JSON of anything else but null.
std::optional<std::string> ValueAt(std::string_view json, std::string_view pointer) {
  if (json.empty()) return std::nullopt;
  boost::json::error_code error;
  const boost::json::value document =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), error);
  if (error) return std::nullopt;
  const boost::json::value* value =
      document.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), error);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  return boost::json::serialize(*value);
}

}  // namespace

std::string IdempotencyDigest(std::string_view place, const message::Request& request,
                              const message::Call& call) {
  constexpr std::string_view kHeader = "header:", kJson = "json:";
  std::string key;
  if (place.starts_with(kHeader)) {
    key = std::string(message::FindHeader(request.headers, place.substr(kHeader.size())));
  } else if (place.starts_with(kJson)) {
    const std::string_view pointer = place.substr(kJson.size());
    std::optional<std::string> value = ValueAt(call.arguments, pointer);
    if (!value.has_value() && request.body_complete) value = ValueAt(request.body, pointer);
    key = value.value_or("");
  }
  return key.empty() ? std::string() : Sha256(key);
}

}  // namespace murphy::engine
