// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/clients.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "daemon/dialect/client_table.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

// Words beyond this are not looked at.
constexpr size_t kLongestAgent = 256;

// Whether a word of the header begins with the product.
bool Names(std::string_view header, std::string_view product) {
  header = header.substr(0, kLongestAgent);
  if (product.empty()) return !header.empty();
  while (!header.empty()) {
    const bool begins = absl::ascii_tolower(header[0]) == absl::ascii_tolower(product[0]);
    if (begins && StartsIgnoringCase(header, product)) return true;
    const size_t space = header.find(' ');
    if (space == std::string_view::npos) return false;
    header.remove_prefix(space + 1);
  }
  return false;
}

}  // namespace

std::string_view ClientOf(const message::Headers& headers) {
  std::string_view name;
  std::string_view value;
  for (const ClientRow& row : kClients) {
    if (row.header != name) {
      name = row.header;
      value = message::FindHeader(headers, name);
    }
    if (!value.empty() && Names(value, row.product)) return row.client;
  }
  return {};
}

bool RepeatsUnmarked(std::string_view client) {
  return std::find(std::begin(kRepeatUnmarked), std::end(kRepeatUnmarked), client) !=
         std::end(kRepeatUnmarked);
}

}  // namespace murphy::dialect
