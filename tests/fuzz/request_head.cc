// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request and its body: the scan is bounded, what it accepts is read the same when
// it is scanned again, and a body never takes more than there is.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/wire/http1/body_framing.h"
#include "daemon/wire/http1/head.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace murphy::proxy;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string why;
  ResponseHead response;
  if (ScanResponse(bytes, response, why) == Scan::kDone && response.size > size) abort();
  RequestHead head;
  if (ScanRequest(bytes, head, why) != Scan::kDone) return 0;
  std::string copy(head.method);
  copy.append(" ")
      .append(head.target)
      .append(head.minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  for (const HeaderLine& line : head.lines) copy.append(line.raw);
  copy.append("\r\n");
  if (copy != bytes.substr(0, head.size)) abort();
  BodyFraming framing(head.framing, head.content_length);
  std::string payload;
  const std::string_view body = bytes.substr(head.size);
  if (framing.Consume(body, &payload, 1 << 20) > body.size()) abort();
  return 0;
}
