// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/edits.h"

#include <algorithm>
#include <array>

namespace murphy::exchange {
namespace {

constexpr std::array<std::string_view, 10> kOfTheHop = {
    "connection", "keep-alive",     "proxy-connection",  "te",
    "upgrade",    "content-length", "transfer-encoding", "host",
    "trailer",    "proxy-authorization"};

bool MayChange(std::string_view name) {
  return std::none_of(kOfTheHop.begin(), kOfTheHop.end(), [name](std::string_view fixed) {
    return message::EqualsIgnoreCase(name, fixed);
  });
}

}  // namespace

void ApplyEdits(const action::EditHead& edit, message::Headers& headers, HeadEdits& edits) {
  for (const std::string& name : edit.remove) {
    if (!MayChange(name)) continue;
    headers.Remove(name);
    edits.remove.push_back(name);
    std::erase_if(edits.set, [&](const message::Header& header) {
      return message::EqualsIgnoreCase(header.name, name);
    });
  }
  for (const message::Header& header : edit.set) {
    if (!MayChange(header.name)) continue;
    headers.Set(header.name, header.value);
    message::SetHeader(edits.set, header.name, header.value);
  }
}

void NoteEdit(Life& life, Injection& injection, const std::string& before, const std::string& after,
              const char* unchanged) {
  injection.record.set_digest_before(before);
  injection.record.set_digest_after(after);
  if (before == after) {
    // A limiter that had room shows its limits; that is no injection.
    if (!injection.declined())
      life.injections.Settle(injection, v1::INJECTION_STATE_NO_OP, unchanged);
    return;
  }
  injection.acted = true;
}

}  // namespace murphy::exchange
