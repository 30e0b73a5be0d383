// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/digest.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/escaping.h"
#include "boost/json/serialize.hpp"
#include "daemon/dialect/json.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using boost::json::value;

// Keys that a JSON-RPC message is read without; the depth is counted from the message.
bool IsVolatile(std::string_view key, int depth) {
  return (depth == 0 && key == "id") || (depth == 1 && key == "_meta");
}

// JSON text with sorted keys and no spaces: equal for equal values.
void Canonicalise(const value& json, bool rpc, int depth, std::string& out) {
  if (const auto* object = json.if_object()) {
    std::vector<const boost::json::key_value_pair*> members;
    members.reserve(object->size());
    for (const auto& member : *object) {
      if (!rpc || !IsVolatile(member.key(), depth)) members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      const std::string_view key(members[i]->key().data(), members[i]->key().size());
      out += message::QuoteJson(key);
      out += ':';
      Canonicalise(members[i]->value(), rpc, depth + 1, out);
    }
    out += '}';
  } else if (const auto* list = json.if_array()) {
    out += '[';
    for (size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out += ',';
      // The messages of a JSON-RPC batch are at the depth of a single one.
      Canonicalise((*list)[i], rpc, depth == 0 ? 0 : depth + 1, out);
    }
    out += ']';
  } else if (const auto* text = json.if_string()) {
    out += message::QuoteJson({text->data(), text->size()});
  } else {
    out += boost::json::serialize(json);
  }
}

bool IsRpc(const value& body) {
  if (const auto* batch = body.if_array()) {
    return !batch->empty() && HasAt((*batch)[0], "/jsonrpc");
  }
  return HasAt(body, "/jsonrpc");
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string RequestDigest(const message::Request& request, const value* body) {
  std::string text = Concat(request.method, "\n", request.path, "\n", request.query, "\n");
  if (body == nullptr) {
    text += request.body;
  } else {
    Canonicalise(*body, IsRpc(*body), 0, text);
  }
  return Sha256Hex(text);
}

}  // namespace murphy::dialect
