// SPDX-License-Identifier: Apache-2.0
#include "faults/message/document.h"

#include <optional>

#include "faults/message/json_edit.h"

namespace murphy::message {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Text of the value at a place; nullopt when there is none, or none of the field's type.
std::optional<std::string> ReadPlace(const Document& document, const Place& place, bool json) {
  if (place.part >= document.parts.size()) {
    return std::nullopt;
  }
  const std::string& data = document.parts[place.part].data;
  if (place.pointer.empty()) {
    return data;
  }
  const std::optional<Span> span = FindValue(data, place.pointer);
  if (!span) {
    return std::nullopt;
  }
  const std::string_view literal =
      std::string_view(data).substr(span->begin, span->end - span->begin);
  return json ? std::string(literal) : UnquoteJson(literal);
}

void WritePlace(Document& document, const Place& place, bool json, std::string_view value) {
  Part& part = document.parts[place.part];
  if (place.pointer.empty()) {
    SetData(part, std::string(value));
    return;
  }
  std::string data = part.data;
  ReplaceValue(data, place.pointer, json ? std::string(value) : QuoteJson(value));
  SetData(part, std::move(data));
}

// `value` cut in proportion to the old lengths.
std::vector<std::string_view> Share(std::string_view value, const std::vector<std::string>& old) {
  size_t total = 0;
  size_t last = 0;
  for (size_t i = 0; i < old.size(); ++i) {
    total += old[i].size();
    if (!old[i].empty()) {
      last = i;
    }
  }
  std::vector<std::string_view> shares(old.size());
  size_t begin = 0;
  size_t seen = 0;
  for (size_t i = 0; i < old.size(); ++i) {
    seen += old[i].size();
    size_t end = begin;
    if (i == last) {
      end = value.size();
    } else if (total > 0) {
      const double share = static_cast<double>(seen) / static_cast<double>(total);
      end = CharacterStart(value, static_cast<size_t>(static_cast<double>(value.size()) * share));
    }
    end = end < begin ? begin : end;
    shares[i] = value.substr(begin, end - begin);
    begin = end;
  }
  return shares;
}

// One line of an event: its content and what ends it.
struct Line {
  std::string_view content;
  std::string_view ending;
};

Line NextLine(std::string_view raw) {
  const size_t end = raw.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    return {raw, {}};
  }
  const size_t length = raw.substr(end, 2) == "\r\n" ? 2 : 1;
  return {raw.substr(0, end), raw.substr(end, length)};
}

// `prefix` before and `ending` after each line of the data.
void AppendDataLines(std::string& out, std::string_view data, std::string_view prefix,
                     std::string_view ending) {
  while (true) {
    const Line line = NextLine(data);
    out.append(prefix).append(line.content).append(ending);
    if (line.ending.empty()) {
      return;
    }
    data.remove_prefix(line.content.size() + line.ending.size());
  }
}

// Length of `data:` and its space at the start of a line; 0 for other lines.
size_t DataPrefix(std::string_view content) {
  if (content == "data") {
    return 4;
  }
  if (!content.starts_with("data:")) {
    return 0;
  }
  return content.starts_with("data: ") ? 6 : 5;
}

std::string Reframe(std::string_view raw, std::string_view data) {
  std::string out;
  if (raw.starts_with(kByteOrderMark)) {
    out = kByteOrderMark;
    raw.remove_prefix(kByteOrderMark.size());
  }
  bool written = false;
  while (!raw.empty()) {
    const Line line = NextLine(raw);
    const std::string_view ending = line.ending.empty() ? "\n" : line.ending;
    const size_t prefix = DataPrefix(line.content);
    if (!written && (prefix > 0 || line.content.empty())) {
      AppendDataLines(out, data, prefix > 4 ? line.content.substr(0, prefix) : "data: ", ending);
      written = true;
    }
    if (prefix == 0) {
      out.append(line.content).append(line.ending);
    }
    raw.remove_prefix(line.content.size() + line.ending.size());
  }
  if (!written) {
    AppendDataLines(out, data, "data: ", "\n");
  }
  return out;
}

}  // namespace

std::string ReadField(const Document& document, const Field& field) {
  std::string value;
  for (const Place& piece : field.pieces) {
    value += ReadPlace(document, piece, field.json).value_or("");
  }
  return value;
}

bool WriteField(Document& document, const Field& field, std::string_view value) {
  if (field.pieces.empty() || (field.json && field.pieces.size() > 1)) {
    return false;
  }
  std::vector<std::string> old;
  for (const Place& piece : field.pieces) {
    std::optional<std::string> text = ReadPlace(document, piece, field.json);
    if (!text) {
      return false;
    }
    old.push_back(*std::move(text));
  }
  const std::vector<std::string_view> shares = Share(value, old);
  bool changed = false;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] != old[i]) {
      WritePlace(document, field.pieces[i], field.json, shares[i]);
      changed = true;
    }
  }
  for (const Place& copy : field.copies) {
    const std::optional<std::string> text = ReadPlace(document, copy, field.json);
    if (text && *text != value) {
      WritePlace(document, copy, field.json, value);
      changed = true;
    }
  }
  return changed;
}

size_t CharacterStart(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
    --at;
  }
  return at;
}

void SetData(Part& part, std::string data) {
  switch (part.framing) {
    case Framing::kWhole:
      part.raw = data;
      break;
    case Framing::kSse:
      part.raw = Reframe(part.raw, data);
      break;
    case Framing::kLines:
      part.raw = data + (part.raw.ends_with("\r\n") ? "\r\n" : "\n");
      break;
  }
  part.data = std::move(data);
}

std::string Bytes(const Document& document) {
  std::string bytes;
  for (const Part& part : document.parts) {
    bytes += part.raw;
  }
  return bytes;
}

}  // namespace murphy::message
