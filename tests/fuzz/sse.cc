// SPDX-License-Identifier: Apache-2.0
#include "faults/message/sse.h"

#include <cstdint>
#include <cstdlib>

using murphy::message::Part;
using murphy::message::SseScanner;

namespace {

struct Scanned {
  std::vector<Part> parts;
  std::string bytes;
};

Scanned Scan(std::string_view input, size_t step, size_t limit) {
  SseScanner scanner(limit);
  Scanned scanned;
  for (size_t i = 0; i < input.size(); i += step) {
    for (Part& part : scanner.Feed(input.substr(i, step))) {
      scanned.bytes += part.raw;
      scanned.parts.push_back(std::move(part));
    }
  }
  scanned.bytes += scanner.TakeTail();
  return scanned;
}

void Require(bool held) {
  if (!held) {
    std::abort();
  }
}

}  // namespace

// Bytes come back whatever the cuts; below the limit the parts do not depend on them; an edited
// event keeps its new data.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const size_t step = bytes[0] % 16 + 1;
  const Scanned whole = Scan(input, input.size(), size);
  const Scanned cut = Scan(input, step, size);
  Require(whole.bytes == input && cut.bytes == input && whole.parts.size() == cut.parts.size());
  for (size_t i = 0; i < whole.parts.size(); ++i) {
    Require(whole.parts[i].raw == cut.parts[i].raw && whole.parts[i].data == cut.parts[i].data);
    Part edited = whole.parts[i];
    murphy::message::SetData(edited, "new");
    Require(edited.raw == "new" || murphy::message::ParseEvent(edited.raw).data == "new");
  }
  Require(Scan(input, step, 8).bytes == input);
  return 0;
}
