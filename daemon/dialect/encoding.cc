// SPDX-License-Identifier: Apache-2.0
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "daemon/dialect/decoder.h"
#include "daemon/dialect/dialects.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

constexpr size_t kBlock = 16 << 10;
constexpr size_t kMaxCodings = 4;
// Real answers shrink less than a hundredfold; a bomb shrinks a thousandfold and more. Small
// outputs may shrink at will.
constexpr size_t kMaxRatio = 500;
constexpr size_t kFreeOutput = 64 << 10;

// Bounds what one coding decodes to.
class Bound {
 public:
  explicit Bound(size_t limit) : limit_(limit) {}

  void Read(size_t size) { read_ += size; }
  bool Add(std::string& out, const char* bytes, size_t size) {
    written_ += size;
    if (written_ > std::min(limit_, std::max(kFreeOutput, read_ * kMaxRatio))) return false;
    out.append(bytes, size);
    return true;
  }

 private:
  size_t limit_;
  size_t read_ = 0;
  size_t written_ = 0;
};

class Inflate final : public Decoder {
 public:
  static constexpr int kGzipOrZlib = 15 + 32;
  static constexpr int kRawDeflate = -15;

  // No window yet: "deflate" is zlib by RFC 9110 section 8.4.1.2, and some servers send it raw; the
  // first two bytes tell.
  Inflate(std::optional<int> window, size_t limit) : window_(window), bound_(limit) {}
  ~Inflate() override {
    if (begun_) inflateEnd(&stream_);
  }

  bool Feed(std::string_view bytes, std::string& out) override {
    bound_.Read(bytes.size());
    if (!begun_) {
      first_.append(bytes);
      if (first_.size() < 2) return true;
      if (!Begin()) return false;
      return Run(std::exchange(first_, {}), out);
    }
    return Run(bytes, out);
  }
  bool whole() const override { return whole_; }

 private:
  bool Begin() {
    const auto head = static_cast<unsigned char>(first_[0]) * 256 +
                      static_cast<unsigned char>(first_[1]);
    const bool zlib = (first_[0] & 0x0f) == 8 && head % 31 == 0;
    if (!window_) window_ = zlib ? kGzipOrZlib : kRawDeflate;
    begun_ = inflateInit2(&stream_, *window_) == Z_OK;
    return begun_;
  }

  bool Run(std::string_view bytes, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, kBlock> block;
    while (true) {
      // A gzip body may have several members (RFC 1952 section 2.2).
      if (whole_) {
        if (stream_.avail_in == 0) return true;
        if (*window_ == kRawDeflate || inflateReset(&stream_) != Z_OK) return false;
        whole_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(block.data());
      stream_.avail_out = block.size();
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
      const size_t written = block.size() - stream_.avail_out;
      if (!bound_.Add(out, block.data(), written)) return false;
      whole_ = result == Z_STREAM_END;
      if (!whole_ && stream_.avail_out > 0) return true;
    }
  }

  std::optional<int> window_;
  Bound bound_;
  std::string first_;
  z_stream stream_ = {};
  bool begun_ = false;
  bool whole_ = false;
};

class UnBrotli final : public Decoder {
 public:
  explicit UnBrotli(size_t limit)
      : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
               &BrotliDecoderDestroyInstance),
        bound_(limit) {}

  bool Feed(std::string_view bytes, std::string& out) override {
    bound_.Read(bytes.size());
    size_t left = bytes.size();
    const auto* next = reinterpret_cast<const uint8_t*>(bytes.data());
    std::array<char, kBlock> block;
    while (!whole_) {
      size_t room = block.size();
      auto* to = reinterpret_cast<uint8_t*>(block.data());
      const auto result =
          BrotliDecoderDecompressStream(state_.get(), &left, &next, &room, &to, nullptr);
      if (!bound_.Add(out, block.data(), block.size() - room)) return false;
      if (result == BROTLI_DECODER_RESULT_ERROR) return false;
      whole_ = result == BROTLI_DECODER_RESULT_SUCCESS;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return true;
    }
    return left == 0;
  }
  bool whole() const override { return whole_; }

 private:
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state_;
  Bound bound_;
  bool whole_ = false;
};

class UnZstd final : public Decoder {
 public:
  explicit UnZstd(size_t limit) : stream_(ZSTD_createDStream(), &ZSTD_freeDStream), bound_(limit) {
    // RFC 9659: a window of at most 8 MiB over HTTP.
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 23);
  }

  bool Feed(std::string_view bytes, std::string& out) override {
    bound_.Read(bytes.size());
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    std::array<char, kBlock> block;
    while (true) {
      ZSTD_outBuffer to = {block.data(), block.size(), 0};
      const size_t left = ZSTD_decompressStream(stream_.get(), &to, &in);
      if (ZSTD_isError(left) || !bound_.Add(out, block.data(), to.pos)) return false;
      whole_ = left == 0;
      if (in.pos == in.size && to.pos < to.size) return true;
    }
  }
  bool whole() const override { return whole_; }

 private:
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  Bound bound_;
  bool whole_ = false;
};

std::unique_ptr<Decoder> NewOne(std::string_view coding, size_t limit) {
  if (SameIgnoringCase(coding, "gzip") || SameIgnoringCase(coding, "x-gzip"))
    return std::make_unique<Inflate>(Inflate::kGzipOrZlib, limit);
  if (SameIgnoringCase(coding, "deflate"))
    return std::make_unique<Inflate>(std::nullopt, limit);
  if (SameIgnoringCase(coding, "br")) return std::make_unique<UnBrotli>(limit);
  if (SameIgnoringCase(coding, "zstd")) return std::make_unique<UnZstd>(limit);
  return nullptr;
}

// Several, one after the other.
class Chain final : public Decoder {
 public:
  explicit Chain(std::vector<std::unique_ptr<Decoder>> links) : links_(std::move(links)) {}

  bool Feed(std::string_view bytes, std::string& out) override {
    std::string decoded(bytes);
    for (const auto& link : links_) {
      std::string next;
      if (!link->Feed(decoded, next)) return false;
      decoded = std::move(next);
    }
    out.append(decoded);
    return true;
  }
  bool whole() const override {
    return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->whole(); });
  }

 private:
  std::vector<std::unique_ptr<Decoder>> links_;
};

// Nothing was coded.
class Plain final : public Decoder {
 public:
  explicit Plain(size_t limit) : left_(limit) {}

  bool Feed(std::string_view bytes, std::string& out) override {
    if (bytes.size() > left_) return false;
    left_ -= bytes.size();
    out.append(bytes);
    return true;
  }
  bool whole() const override { return true; }

 private:
  size_t left_;
};

// In the order in which they were applied.
std::vector<std::string_view> CodingsOf(std::string_view content_encoding) {
  std::vector<std::string_view> codings;
  for (const absl::string_view item : absl::StrSplit(Absl(content_encoding), ',')) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(item);
    const std::string_view coding(stripped.data(), stripped.size());
    const bool coded = !coding.empty() && !SameIgnoringCase(coding, "identity") &&
                       !SameIgnoringCase(coding, "none");
    if (coded) codings.push_back(coding);
  }
  return codings;
}

}  // namespace

bool IsCoded(std::string_view content_encoding) {
  return !content_encoding.empty() && !CodingsOf(content_encoding).empty();
}

std::unique_ptr<Decoder> NewDecoder(std::string_view content_encoding, size_t limit) {
  const std::vector<std::string_view> codings = CodingsOf(content_encoding);
  if (codings.empty()) return std::make_unique<Plain>(limit);
  if (codings.size() > kMaxCodings) return nullptr;
  std::vector<std::unique_ptr<Decoder>> links;
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    links.push_back(NewOne(*coding, limit));
    if (links.back() == nullptr) return nullptr;
  }
  if (links.size() == 1) return std::move(links.front());
  return std::make_unique<Chain>(std::move(links));
}

std::optional<std::string> Decode(std::string_view content_encoding, std::string_view body,
                                  size_t limit) {
  if (body.size() > limit) return std::nullopt;
  // An answer without a body (HEAD, 304) keeps the header.
  if (body.empty() || !IsCoded(content_encoding)) return std::string(body);
  const std::unique_ptr<Decoder> decoder = NewDecoder(content_encoding, limit);
  std::string text;
  if (decoder == nullptr || !decoder->Feed(body, text) || !decoder->whole()) return std::nullopt;
  return text;
}

}  // namespace murphy::dialect
