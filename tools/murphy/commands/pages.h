// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace murphy::cli {

// At most `limit` entries, page by page. `fetch` takes a request and returns the entries and the
// next page's token.
template <typename Entry, typename Request, typename Fetch>
std::vector<Entry> Pages(Request request, uint32_t limit, const Fetch& fetch) {
  constexpr uint32_t kLargestPage = 1000;
  std::vector<Entry> entries;
  while (entries.size() < limit) {
    request.set_page_size(std::min(limit - static_cast<uint32_t>(entries.size()), kLargestPage));
    auto [page, next] = fetch(request);
    for (auto& entry : page) {
      if (entries.size() < limit) entries.push_back(std::move(entry));
    }
    if (next.empty() || page.empty()) break;
    request.set_page_token(next);
  }
  return entries;
}

}  // namespace murphy::cli
