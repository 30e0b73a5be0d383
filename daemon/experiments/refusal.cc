// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/refusal.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/journal/journal.h"
#include "google/rpc/error_details.pb.h"

namespace murphy::experiments {
namespace {

// Details travel in a trailer, and clients accept 8 KiB of trailers by default, Base64 and all.
constexpr size_t kDetailBytes = 3400;
constexpr size_t kDescriptionBytes = 1024;
// The message, which travels twice, names as many mistakes as this has room for.
constexpr size_t kMessageBytes = 900;

std::string Shortened(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  // Not inside a UTF-8 sequence: protobuf strings must be valid.
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return absl::StrCat(text.substr(0, limit), "…");
}

}  // namespace

absl::Status Refusal(absl::StatusCode code, const std::string& reason, const std::string& message) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("murphy");
  absl::Status status(code, journal::Redact(message));
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status BadRequest(const std::string& what, const std::vector<Violation>& violations) {
  google::rpc::BadRequest details;
  size_t room = kDetailBytes;
  for (size_t i = 0; i < violations.size(); ++i) {
    const std::string field = Shortened(journal::Redact(violations[i].field), kDescriptionBytes);
    const std::string description =
        Shortened(journal::Redact(violations[i].description), kDescriptionBytes);
    const size_t size = field.size() + description.size() + 16;
    if (size > room) {
      details.add_field_violations()->set_description(
          absl::StrCat("… and ", violations.size() - i, " more"));
      break;
    }
    room -= size;
    auto& violation = *details.add_field_violations();
    violation.set_field(field);
    violation.set_description(description);
  }
  std::string message = absl::StrCat(what, ".");
  for (const Violation& violation : violations) {
    const std::string next = absl::StrCat(Shortened(violation.field, 200), ": ",
                                          Shortened(violation.description, 500));
    if (&violation != &violations[0] && message.size() + next.size() > kMessageBytes) break;
    absl::StrAppend(&message, &violation == &violations[0] ? " " : "\n", next);
  }
  absl::Status status = Refusal(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", message);
  status.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status NotInJournal(const std::string& run) {
  return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_RUN",
                 absl::StrFormat("There is no run `%s` in the journal: it never was, or it is older "
                                 "than what the journal keeps. Runs are listed by `murphy run list`.",
                                 run));
}

absl::Status WrongPageToken() {
  return BadRequest("The page token is not right",
                    {{"page_token", "expected one from the last response"}});
}

}  // namespace murphy::experiments
