// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/marks.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "faults/sha256.h"

namespace murphy::engine {
namespace {

namespace json = boost::json;

// Of a longer document, nothing is found at a pointer.
constexpr size_t kMostRead = 1 << 20;

std::optional<json::value> Parsed(std::string_view text) {
  if (text.empty() || text.size() > kMostRead) return std::nullopt;
  json::error_code error;
  json::value document = json::parse({text.data(), text.size()}, error);
  if (error) return std::nullopt;
  return document;
}

// Takes the value at a pointer out of the document; null where there is none. Of an object nothing
// is left of it, so that it is the same whether it was there or not.
json::value Take(json::value& document, std::string_view pointer) {
  json::error_code error;
  json::value* value = document.find_pointer({pointer.data(), pointer.size()}, error);
  if (value == nullptr) return json::value();
  json::value taken = std::exchange(*value, json::value());
  const size_t last = pointer.rfind('/');
  json::value* parent = document.find_pointer({pointer.data(), last}, error);
  if (parent == nullptr || !parent->is_object()) return taken;
  parent->get_object().erase(absl::StrReplaceAll(
      absl::string_view(pointer.data() + last + 1, pointer.size() - last - 1),
      {{"~1", "/"}, {"~0", "~"}}));
  return taken;
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
  return Sha256Hex(text);
}

using Places = std::vector<std::string_view>;

// The documents in which places are looked for: the arguments of a tool call, or else the body.
class Said {
 public:
  Said(const message::Request& request, const message::Call& call)
      : request_(request), call_(call) {}

  // The key at that place; empty: nowhere. Where it is in a document, that is what counts from now
  // on, without the key.
  std::string TakeKey(std::string_view place) {
    constexpr std::string_view kHeader = "header:", kJson = "json:";
    if (place.starts_with(kHeader)) {
      return std::string(message::FindHeader(request_.headers, place.substr(kHeader.size())));
    }
    if (!place.starts_with(kJson)) return {};
    for (const std::string_view text : Texts()) {
      std::optional<json::value> document = Parsed(text);
      if (!document.has_value()) continue;
      std::string key = TextOf(Take(*document, place.substr(kJson.size())));
      if (key.empty()) continue;
      document_ = std::move(document);
      return key;
    }
    return {};
  }

  // Leaves out what is at these pointers.
  void Ignore(const Places& pointers) {
    for (const std::string_view text : Texts()) {
      if (!document_.has_value()) document_ = Parsed(text);
    }
    if (!document_.has_value()) return;
    for (const std::string_view pointer : pointers) Take(*document_, pointer);
  }

  // Of what is left; nothing where nothing was left out.
  std::optional<std::string> Digest() const {
    if (!document_.has_value() || call_.digest.empty()) return std::nullopt;
    return DigestOf(request_, call_, *document_);
  }

 private:
  std::array<std::string_view, 2> Texts() const {
    return {call_.arguments, request_.body_complete ? std::string_view(request_.body) : ""};
  }

  const message::Request& request_;
  const message::Call& call_;
  std::optional<json::value> document_;
};

}  // namespace

Marks MarksOf(const message::Request& request, const message::Call& call,
              std::span<const Reading> readings) {
  Marks marks{.digest = call.digest, .idempotency = {}};
  Said said(request, call);
  Places ignored;
  for (const Reading& reading : readings) {
    for (const uint32_t target : reading.targets) {
      const v1::Target& spec = reading.plan->targets()[target].spec;
      if (spec.has_idempotency_key() && marks.idempotency.empty()) {
        const std::string key = said.TakeKey(spec.idempotency_key());
        if (!key.empty()) marks.idempotency = Sha256Hex(key);
      }
      // Headers are no part of what a request says.
      for (const std::string& place : spec.ignore()) {
        if (place.starts_with('/')) ignored.push_back(place);
      }
    }
  }
  if (!ignored.empty()) said.Ignore(ignored);
  if (auto digest = said.Digest()) marks.digest = *std::move(digest);
  return marks;
}

}  // namespace murphy::engine
