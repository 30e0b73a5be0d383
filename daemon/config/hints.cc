// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/hints.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/config/language.h"
#include "fmt/format.h"

namespace murphy::config {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

constexpr int kDeepest = 2;

// What people write, and what it is called here.
constexpr std::pair<std::string_view, std::string_view> kSynonyms[] = {
    {"id", "name"},
    {"name", "id"},
    {"members", "rules"},
    {"regex", "matches"},
    {"value", "equals"},
    {"from", "start"},
    {"to", "end"},
    {"from", "after"},
    {"duration", "lasting"},
    {"on", "p_on"},
    {"off", "p_off"},
    {"p", "p_on"},
    {"q", "p_off"},
    {"turns_on", "p_on"},
    {"turns_off", "p_off"},
    {"max_spend", "max_cost"},
    {"max_usd", "max_cost"},
    {"at_most", "most"},
    {"k", "most"},
    {"outcome", "on_timeout"},
    {"otherwise", "on_timeout"},
    {"loop", "next"},
    {"then", "next"},
    {"goto", "next"},
    {"entry", "enter"},
    {"exit", "until"},
    {"duty", "width"},
    {"gilbert_elliott", "markov"},
    {"trigger", "on"},
    {"trigger", "when"},
    {"allowed_windows", "window"},
    {"allowed_upstreams", "upstreams"},
    {"not", "none"},
    {"or", "any"},
    {"and", "all"},
    {"amplitude", "high"},
};

const FieldDescriptor* Inner(const Descriptor* type, int index) {
  const FieldDescriptor* field = type->field(index);
  const bool table = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field) &&
                     !field->is_map() && !InfoOf(field).flatten();
  return table ? field : nullptr;
}

// The way down to a table that knows the key, as `when.where`; empty for none.
std::string WayDown(std::string_view key, const Descriptor* type, int depth) {
  if (depth == 0) return {};
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = Inner(type, i);
    if (field != nullptr && FindKey(field->message_type(), key)) return field->name();
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = Inner(type, i);
    if (field == nullptr || field->message_type() == type) continue;
    const std::string way = WayDown(key, field->message_type(), depth - 1);
    if (!way.empty()) return fmt::format("{}.{}", field->name(), way);
  }
  return {};
}

}  // namespace

std::string_view SynonymOf(std::string_view key, const std::vector<std::string>& accepted) {
  for (const auto& [written, called] : kSynonyms) {
    if (written == key && std::find(accepted.begin(), accepted.end(), called) != accepted.end())
      return called;
  }
  return {};
}

std::string HomeOf(std::string_view key, const std::vector<Surrounding>& tables) {
  const std::string way = WayDown(key, tables.back().type, kDeepest);
  if (!way.empty()) {
    return fmt::format("; `{}` is a key of `{}`: write `{}.{} = …`", key,
                       way.substr(way.rfind('.') + 1), way, key);
  }
  for (size_t i = tables.size() - 1; i-- > 0;) {
    if (!tables[i].shown.empty() && FindKey(tables[i].type, key))
      return fmt::format("; `{}` is a key of `{}`", key, tables[i].shown);
  }
  return {};
}

}  // namespace murphy::config
