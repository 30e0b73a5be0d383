// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/digest.h"

namespace murphy::exchange {

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
