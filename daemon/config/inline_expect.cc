// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "daemon/config/inline.h"
#include "daemon/config/inline_table.h"
#include "daemon/config/language.h"
#include "daemon/config/pairs.h"
#include "daemon/config/scalar.h"
#include "daemon/config/walker.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Targets that a table names, under any key.
std::vector<std::string> TextsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> texts;
  for (const FieldDescriptor* field : fields) {
    const bool other = field->name() == "rule" || field->name() == "rules" || field->name() == "name";
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || other) continue;
    if (!field->is_repeated()) {
      texts.push_back(message.GetReflection()->GetString(message, field));
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i)
      texts.push_back(message.GetReflection()->GetRepeatedString(message, field, i));
  }
  return texts;
}

}  // namespace

void ReadInlineExpect(std::string_view file, std::string_view text, const Parameters& parameters,
                      v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips) {
  const Pairs pairs = SplitPairs(text, slips);
  if (!slips.empty()) return;
  const FieldDescriptor* kind = v1::Expect::descriptor()->FindFieldByName(pairs.name);
  if (kind == nullptr) {
    const std::vector<std::string> names = KeysOf(v1::Expect::descriptor());
    const std::string suggestion = Suggestion(pairs.name, names);
    return slips.push_back(
        {pairs.location,
         fmt::format("no expectation is called {}{}",
                     Shown({.kind = Value::Kind::kText, .text = pairs.name}),
                     suggestion.empty() ? fmt::format("; there are {}", Quoted(names)) : suggestion)});
  }
  Value table = EmptyTable(pairs.location);
  table.entries.push_back({kind->name(), pairs.location, EmptyTable(pairs.location)});
  for (const Pair& pair : pairs.list) {
    if (!Insert(table.entries.front().value, pair.key, pair.location, pair.value)) {
      slips.push_back(
          {pair.location, fmt::format("`{}` is given twice", fmt::join(pair.key, "."))});
    }
  }
  parameters.Substitute(table, slips);
  const std::string path = fmt::format("expect[{}]", scenario.expect_size());
  v1::Expect& expect = *scenario.add_expect();
  const std::string source(file);
  ReadTable(table, {path, ""}, {&source, 1}, expect, origins, slips);
  if (!expect.GetReflection()->HasField(expect, kind)) return;
  for (const std::string& name : TextsOf(expect.GetReflection()->GetMessage(expect, kind))) {
    if (IsInlineTarget(name, scenario))
      AddTarget(name, pairs.location, file, scenario, origins, slips);
  }
}

}  // namespace murphy::config
