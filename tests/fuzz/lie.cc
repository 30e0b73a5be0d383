// SPDX-License-Identifier: Apache-2.0
#include "faults/tool/lie.h"

#include <cstdint>
#include <cstdlib>

namespace {

void Require(bool held) {
  if (!held) {
    std::abort();
  }
}

}  // namespace

// Numbers found in any text are numbers, and a lie about one is another number as JSON spells it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace murphy;
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const Draw draw(bytes[0], 0, "rule", "address");
  const auto kind = static_cast<v1::WrongValueKind>(bytes[0] % 6 + 1);
  size_t from = 0;
  while (const auto span = FindNumber(text, from)) {
    Require(span->end > from && span->end <= text.size());
    const std::string_view number = text.substr(span->begin, span->end - span->begin);
    Require(message::IsJson(number));
    const auto wrong = LieAboutNumber(kind, number, draw);
    Require(!wrong || (message::IsJson(*wrong) && *wrong != number));
    from = span->end;
  }
  for (const auto& node : message::WalkJson(text).value_or(std::vector<message::JsonNode>())) {
    const auto lie = LieAbout(kind, node.kind,
                              text.substr(node.span.begin, node.span.end - node.span.begin), draw);
    Require(!lie || (message::IsJson(lie->after) && lie->after != lie->before));
  }
  return 0;
}
