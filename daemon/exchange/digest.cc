// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/digest.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"

namespace murphy::exchange {

struct Digest::State {
  State() : context(EVP_MD_CTX_new()) {}
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  EVP_MD_CTX* context;
};

// The state is made with the first byte: most exchanges have nothing to digest.
Digest::Digest() = default;
Digest::~Digest() = default;

Digest::Digest(const Digest& other) { *this = other; }

Digest& Digest::operator=(const Digest& other) {
  if (this == &other) return *this;
  state_.reset();
  if (other.state_ != nullptr) {
    state_ = std::make_unique<State>();
    EVP_MD_CTX_copy_ex(state_->context, other.state_->context);
  }
  return *this;
}

void Digest::Add(std::string_view bytes) {
  if (bytes.empty()) return;
  if (state_ == nullptr) {
    state_ = std::make_unique<State>();
    EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
  }
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Digest::Hex() const {
  if (state_ == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  const Digest copy(*this);
  EVP_DigestFinal_ex(copy.state_->context, hash.data(), &size);
  return absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), size});
}

std::string DigestOf(const message::Document& document) {
  Digest digest;
  for (const message::Part& part : document.parts) digest.Add(part.raw);
  return digest.Hex();
}

std::string DigestOf(const message::Response& response) {
  Digest digest;
  digest.Add(std::to_string(response.status));
  for (const message::Header& header : response.headers)
    digest.Add("\n" + header.name + ": " + header.value);
  digest.Add("\n\n" + response.body);
  return digest.Hex();
}

std::string DigestOf(const message::Headers& headers) {
  Digest digest;
  for (const message::Headers::Line line : headers) digest.Add(line.raw);
  return digest.Hex();
}

std::string DigestOf(std::string_view bytes) {
  Digest digest;
  digest.Add(bytes);
  return digest.Hex();
}

}  // namespace murphy::exchange
