// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace murphy::runs {

// List prices in US dollars per million tokens, as published in August 2026 by genai-prices (MIT,
// commit 47df840a, 2026-08-21) and checked against a mirror of LiteLLM's table (commit f9ff147,
// 2026-07-24); the change of claude-sonnet-5 on 2026-09-01 is in it. First match holds. Cached
// input is priced as input, and surcharges for long contexts are left out.
struct PriceRow {
  std::string_view model;
  double input;
  double output;
};

inline constexpr PriceRow kPrices[] = {
    {"gpt-5.6-sol*", 5, 30},
    {"gpt-5.6-terra*", 2.5, 15},
    {"gpt-5.6-luna*", 1, 6},
    {"gpt-5.5*", 5, 30},
    {"gpt-5.4-mini*", 0.75, 4.5},
    {"gpt-5.4-nano*", 0.2, 1.25},
    {"gpt-5.4*", 2.5, 15},
    {"gpt-5.2*", 1.75, 14},
    {"gpt-5.1*", 1.25, 10},
    {"gpt-5-mini*", 0.25, 2},
    {"gpt-5-nano*", 0.05, 0.4},
    {"gpt-5", 1.25, 10},
    {"gpt-5-20*", 1.25, 10},
    {"gpt-4.1-mini*", 0.4, 1.6},
    {"gpt-4.1", 2, 8},
    {"gpt-4.1-20*", 2, 8},
    {"gpt-4o-mini", 0.15, 0.6},
    {"gpt-4o-mini-20*", 0.15, 0.6},
    {"gpt-4o", 2.5, 10},
    {"gpt-4o-20*", 2.5, 10},
    {"o3", 2, 8},
    {"o3-20*", 2, 8},
    {"o4-mini*", 1.1, 4.4},
    {"claude-opus-5*", 5, 25},
    {"claude-opus-4-8*", 5, 25},
    {"claude-opus-4-7*", 5, 25},
    {"claude-opus-4-6*", 5, 25},
    {"claude-opus-4-5*", 5, 25},
    {"claude-opus-4-1*", 15, 75},
    {"claude-opus-4-0*", 15, 75},
    {"claude-opus-4-20*", 15, 75},
    {"claude-fable-5*", 10, 50},
    {"claude-sonnet-5*", 3, 15},
    {"claude-sonnet-4*", 3, 15},
    {"claude-haiku-4-5*", 1, 5},
    {"gemini-3.6-flash*", 1.5, 7.5},
    {"gemini-3.5-flash*", 1.5, 9},
    {"gemini-3.1-pro*", 2, 12},
    {"gemini-3.1-flash-lite*", 0.25, 1.5},
    {"gemini-2.5-pro*", 1.25, 10},
    {"gemini-2.5-flash", 0.3, 2.5},
    {"mistral-large-2512*", 0.5, 1.5},
    {"mistral-small-2603*", 0.15, 0.6},
    {"deepseek-v4-flash*", 0.14, 0.28},
    {"deepseek-v4-pro*", 0.435, 0.87},
    {"grok-4.5*", 2, 6},
    {"grok-4.3*", 1.25, 2.5},
};

}  // namespace murphy::runs
