// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include "murphy/v1/exchange.pb.h"

namespace murphy::journal {

// Makes a record one that can always be read again: bytes that are not UTF-8 in any of its texts,
// which an agent may send in a path or a header, become `\xNN`. Protobuf would write them and
// refuse to read them.
void Escape(google::protobuf::Message& record);

// What everything passes that is kept or told: escaped, and what looks like a secret replaced in
// all of its texts. Once more changes nothing.
void Clean(google::protobuf::Message& record);

}  // namespace murphy::journal
