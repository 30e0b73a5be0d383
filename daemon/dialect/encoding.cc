// SPDX-License-Identifier: Apache-2.0
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
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

// Collects decoded bytes up to a bound.
class Output {
 public:
  Output(size_t input, size_t limit)
      : limit_(std::min(limit, std::max(kFreeOutput, input * kMaxRatio))) {}

  // False when the bound is passed.
  bool Add(const char* bytes, size_t size) {
    if (size > limit_ - text_.size()) return false;
    text_.append(bytes, size);
    return true;
  }

  std::string Take() { return std::move(text_); }

 private:
  size_t limit_;
  std::string text_;
};

constexpr int kGzipOrZlib = 15 + 32;
constexpr int kRawDeflate = -15;

std::optional<std::string> Inflate(std::string_view body, size_t limit, int window) {
  z_stream stream = {};
  if (inflateInit2(&stream, window) != Z_OK) return std::nullopt;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  Output out(body.size(), limit);
  std::vector<char> block(kBlock);
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) return std::nullopt;
    if (!out.Add(block.data(), block.size() - stream.avail_out)) return std::nullopt;
    if (result != Z_STREAM_END) continue;
    if (stream.avail_in == 0) return out.Take();
    // A gzip body may have several members (RFC 1952 section 2.2).
    if (window == kRawDeflate || inflateReset(&stream) != Z_OK) return std::nullopt;
  }
}

// "deflate" is zlib by RFC 9110 section 8.4.1.2; some servers send it raw.
std::optional<std::string> InflateEither(std::string_view body, size_t limit) {
  auto text = Inflate(body, limit, kGzipOrZlib);
  return text ? std::move(text) : Inflate(body, limit, kRawDeflate);
}

std::optional<std::string> UnBrotli(std::string_view body, size_t limit) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (state == nullptr) return std::nullopt;
  size_t left = body.size();
  const auto* next = reinterpret_cast<const uint8_t*>(body.data());
  Output out(body.size(), limit);
  std::vector<char> block(kBlock);
  while (true) {
    size_t room = block.size();
    auto* to = reinterpret_cast<uint8_t*>(block.data());
    const auto result =
        BrotliDecoderDecompressStream(state.get(), &left, &next, &room, &to, nullptr);
    if (!out.Add(block.data(), block.size() - room)) return std::nullopt;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) continue;
    if (result != BROTLI_DECODER_RESULT_SUCCESS || left > 0) return std::nullopt;
    return out.Take();
  }
}

std::optional<std::string> UnZstd(std::string_view body, size_t limit) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                        &ZSTD_freeDStream);
  if (stream == nullptr) return std::nullopt;
  // RFC 9659: a window of at most 8 MiB over HTTP.
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 23);
  ZSTD_inBuffer in = {body.data(), body.size(), 0};
  Output out(body.size(), limit);
  std::vector<char> block(kBlock);
  while (true) {
    ZSTD_outBuffer to = {block.data(), block.size(), 0};
    const size_t left = ZSTD_decompressStream(stream.get(), &to, &in);
    if (ZSTD_isError(left) || !out.Add(block.data(), to.pos)) return std::nullopt;
    if (in.pos < in.size || to.pos == to.size) continue;
    if (left != 0) return std::nullopt;
    return out.Take();
  }
}

std::optional<std::string> DecodeOne(std::string_view coding, std::string_view body, size_t limit) {
  if (SameIgnoringCase(coding, "gzip") || SameIgnoringCase(coding, "x-gzip")) {
    return Inflate(body, limit, kGzipOrZlib);
  }
  if (SameIgnoringCase(coding, "deflate")) return InflateEither(body, limit);
  if (SameIgnoringCase(coding, "br")) return UnBrotli(body, limit);
  if (SameIgnoringCase(coding, "zstd")) return UnZstd(body, limit);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Decode(std::string_view content_encoding, std::string_view body,
                                  size_t limit) {
  std::vector<std::string_view> codings;
  for (const absl::string_view item : absl::StrSplit(Absl(content_encoding), ',')) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(item);
    const std::string_view coding(stripped.data(), stripped.size());
    if (!coding.empty() && !SameIgnoringCase(coding, "identity")) codings.push_back(coding);
  }
  if (codings.size() > kMaxCodings || body.size() > limit) return std::nullopt;
  std::string text(body);
  // The header lists codings in the order in which they were applied.
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    // An answer without a body (HEAD, 304) keeps the header.
    if (text.empty()) return text;
    auto decoded = DecodeOne(*coding, text, limit);
    if (!decoded) return std::nullopt;
    text = *std::move(decoded);
  }
  return text;
}

}  // namespace murphy::dialect
