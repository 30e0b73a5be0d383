// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <future>
#include <utility>
#include <vector>

namespace murphy::cli {

inline constexpr uint32_t kEverything = UINT32_MAX;

// Gives `use` at most `limit` entries, page by page; the next page is fetched meanwhile. `fetch`
// takes a request and returns the entries and the next page's token.
template <typename Request, typename Fetch, typename Use>
void EachPage(Request request, uint32_t limit, const Fetch& fetch, const Use& use) {
  constexpr uint32_t kLargestPage = 1000;
  using Page = decltype(fetch(request));
  const auto ask = [&fetch](const Request& page) {
    return std::async(std::launch::async, [&fetch, page] { return fetch(page); });
  };
  request.set_page_size(std::min(limit, kLargestPage));
  std::future<Page> coming = ask(request);
  for (uint32_t used = 0; coming.valid();) {
    auto [page, next] = coming.get();
    const auto size = std::min<uint32_t>(static_cast<uint32_t>(page.size()), limit - used);
    used += size;
    if (!next.empty() && size > 0 && used < limit) {
      request.set_page_size(std::min(limit - used, kLargestPage));
      request.set_page_token(next);
      coming = ask(request);
    }
    for (uint32_t i = 0; i < size; ++i) use(page[static_cast<int>(i)]);
  }
}

// The same, as a list.
template <typename Entry, typename Request, typename Fetch>
std::vector<Entry> Pages(Request request, uint32_t limit, const Fetch& fetch) {
  std::vector<Entry> entries;
  EachPage(std::move(request), limit, fetch,
           [&entries](Entry& entry) { entries.push_back(std::move(entry)); });
  return entries;
}

}  // namespace murphy::cli
