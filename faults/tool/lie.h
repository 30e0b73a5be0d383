// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "faults/message/json_edit.h"
#include "faults/message/json_walk.h"
#include "faults/rng.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {

// One value told wrong: JSON literals, and the numbers in them where the lie is about a number.
struct Lie {
  std::string before;
  std::string after;
  std::string number_before;
  std::string number_after;
};

// A number as it is written, told wrong: still a number, never the same one. nullopt when the kind
// cannot change it.
std::optional<std::string> LieAboutNumber(v1::WrongValueKind kind, std::string_view number,
                                          const Draw& draw);

// A JSON value told wrong: of the same type. Numbers inside strings count when they stand alone.
std::optional<Lie> LieAbout(v1::WrongValueKind kind, message::JsonKind type,
                            std::string_view literal, const Draw& draw);

// The first number that stands alone in a text: not part of a word, a date, a version, an id or an
// address.
std::optional<message::Span> FindNumber(std::string_view text, size_t from = 0);

}  // namespace murphy
