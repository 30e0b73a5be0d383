// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "faults/message/document.h"
#include "faults/message/http.h"

namespace murphy::exchange {

// SHA-256 of bytes that are added one by one, as hex; empty while nothing has been added.
class Digest {
 public:
  Digest();
  // Both go on from here.
  Digest(const Digest& other);
  Digest& operator=(const Digest& other);
  ~Digest();

  void Add(std::string_view bytes);
  // Of what has been added so far.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Digest of a body.
std::string DigestOf(const message::Document& document);
// Digest of an authored response: status, headers and body.
std::string DigestOf(const message::Response& response);
// Digest of header lines, as they travel.
std::string DigestOf(const message::Headers& headers);
std::string DigestOf(std::string_view bytes);

}  // namespace murphy::exchange
