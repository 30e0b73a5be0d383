// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/edit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using message::Document;
using message::FindValue;
using message::Part;
using message::Place;
using message::QuoteJson;

constexpr std::string_view kBlanks = " \t\r\n";

std::string TextAt(const Document& document, const Place& place) {
  const message::JsonTree tree(document.parts[place.part].data);
  return tree.root().At(place.pointer).Text();
}

}  // namespace

bool PutJson(Part& part, std::string_view pointer, std::string_view json) {
  std::string data = part.data;
  if (!message::ReplaceValue(data, pointer, json)) return false;
  message::SetData(part, std::move(data));
  return true;
}

bool RemoveMember(Part& part, std::string_view pointer) {
  std::string data = part.data;
  const auto span = FindValue(data, pointer);
  const size_t slash = pointer.rfind('/');
  if (!span || slash == std::string_view::npos) return false;
  const std::string key = Concat("\"", pointer.substr(slash + 1), "\"");
  const size_t name = data.rfind(key, span->begin);
  if (name == std::string::npos || name == 0) return false;
  const size_t before = data.find_last_not_of(kBlanks, name - 1);
  if (before == std::string::npos) return false;
  if (data[before] == ',') {
    data.erase(before, span->end - before);
  } else {
    size_t end = data.find_first_not_of(kBlanks, span->end);
    if (end == std::string::npos) return false;
    if (data[end] == ',') end = data.find_first_not_of(kBlanks, end + 1);
    if (end == std::string::npos) return false;
    data.erase(name, end - name);
  }
  message::SetData(part, std::move(data));
  return true;
}

bool KeepElements(Part& part, std::string_view pointer, size_t keep, size_t size) {
  if (keep >= size) return false;
  if (keep == 0) return PutJson(part, pointer, "[]");
  const auto kept = FindValue(part.data, Concat(pointer, "/", keep - 1));
  const auto last = FindValue(part.data, Concat(pointer, "/", size - 1));
  if (!kept || !last || last->end < kept->end) return false;
  std::string data = part.data;
  data.erase(kept->end, last->end - kept->end);
  message::SetData(part, std::move(data));
  return true;
}

bool RenameEvent(Part& part, std::string_view name) {
  if (part.event.empty()) return false;
  for (const std::string_view prefix : {"event: ", "event:"}) {
    const std::string line = Concat(prefix, part.event);
    for (size_t at = 0; (at = part.raw.find(line, at)) != std::string::npos; at += line.size()) {
      if (at > 0 && part.raw[at - 1] != '\n' && part.raw[at - 1] != '\r') continue;
      part.raw.replace(at + prefix.size(), part.event.size(), name);
      part.event = name;
      return true;
    }
  }
  return false;
}

void CutValue(Document& document, const message::Stop& stop, std::vector<bool>& blanked) {
  std::string kept;
  for (const Place& piece : stop.field.pieces) {
    const std::string text = TextAt(document, piece);
    if (kept.size() + text.size() > stop.keep) {
      const std::string_view rest =
          std::string_view(text).substr(0, stop.keep - std::min(stop.keep, kept.size()));
      PutJson(document.parts[piece.part], piece.pointer, QuoteJson(rest));
      if (rest.empty()) blanked[piece.part] = true;
      kept += rest;
    } else {
      kept += text;
    }
  }
  for (const Place& copy : stop.field.copies) {
    PutJson(document.parts[copy.part], copy.pointer, QuoteJson(kept));
  }
}

void DropParts(Document& document, const std::vector<bool>& drop) {
  size_t to = 0;
  for (size_t from = 0; from < document.parts.size(); ++from) {
    if (from < drop.size() && drop[from]) continue;
    if (to != from) document.parts[to] = std::move(document.parts[from]);
    ++to;
  }
  document.parts.resize(to);
}

}  // namespace murphy::dialect
