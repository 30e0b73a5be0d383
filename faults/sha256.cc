// SPDX-License-Identifier: Apache-2.0
#include "faults/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"

namespace murphy {
namespace {

// Looked up once: that takes longer than most of the texts that are digested here.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

std::string HexOf(const std::array<unsigned char, EVP_MAX_MD_SIZE>& hash, unsigned size) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), size});
}

}  // namespace

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) {}
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  EVP_MD_CTX* context;
};

// The state is made with the first byte: often there is none.
Sha256::Sha256() = default;
Sha256::~Sha256() = default;

Sha256::Sha256(const Sha256& other) { *this = other; }

Sha256& Sha256::operator=(const Sha256& other) {
  if (this == &other) return *this;
  state_.reset();
  if (other.state_ != nullptr) {
    state_ = std::make_unique<State>();
    EVP_MD_CTX_copy_ex(state_->context, other.state_->context);
  }
  return *this;
}

void Sha256::Add(std::string_view bytes) {
  if (bytes.empty()) return;
  if (state_ == nullptr) {
    state_ = std::make_unique<State>();
    EVP_DigestInit_ex(state_->context, Algorithm(), nullptr);
  }
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Sha256::Hex() const {
  if (state_ == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  const Sha256 copy(*this);
  EVP_DigestFinal_ex(copy.state_->context, hash.data(), &size);
  return HexOf(hash, size);
}

std::string Sha256Hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, Algorithm(), nullptr) != 1) return {};
  return HexOf(hash, size);
}

}  // namespace murphy
