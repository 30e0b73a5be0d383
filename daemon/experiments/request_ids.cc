// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/request_ids.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "daemon/experiments/refusal.h"
#include "faults/sha256.h"

namespace murphy::experiments {

std::string FingerprintOf(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // The order of a map is no difference.
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256Hex(bytes);
}

absl::Status RequestIdReused(const std::string& id) {
  return BadRequest("The request id was used before",
                    {{"request_id", fmt::format("`{}` belongs to another request: a repeated call "
                                                "is the same in every field",
                                                id)}});
}

}  // namespace murphy::experiments
