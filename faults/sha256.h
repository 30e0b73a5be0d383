// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace murphy {

// SHA-256 (FIPS 180-4) of bytes that are added one by one, in lower-case hex; empty while nothing
// has been added.
class Sha256 {
 public:
  Sha256();
  // Both go on from here.
  Sha256(const Sha256& other);
  Sha256& operator=(const Sha256& other);
  ~Sha256();

  void Add(std::string_view bytes);
  // Of what has been added so far.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of one text, which may be empty.
std::string Sha256Hex(std::string_view text);

}  // namespace murphy
