// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/status_text.h"

#include "fmt/format.h"
#include "google/protobuf/unknown_field_set.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

using google::protobuf::UnknownFieldSet;

// google.rpc.Status { details = 3 }, Any { type_url = 1, value = 2 }, BadRequest { field_violations
// = 1 } of { field = 1, description = 2 }. Debian packages no generated code for them, and these
// numbers never change.
constexpr int kStatusDetails = 3;
constexpr int kAnyTypeUrl = 1;
constexpr int kAnyValue = 2;
constexpr int kViolations = 1;
constexpr int kViolationField = 1;
constexpr int kViolationDescription = 2;

std::vector<std::string> Entries(const std::string& bytes, int number) {
  UnknownFieldSet fields;
  std::vector<std::string> entries;
  if (!fields.ParseFromString(bytes)) return entries;
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != number) continue;
    if (field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) continue;
    entries.push_back(field.length_delimited());
  }
  return entries;
}

std::string Last(const std::string& bytes, int number) {
  const std::vector<std::string> entries = Entries(bytes, number);
  return entries.empty() ? std::string() : entries.back();
}

std::string Mistakes(const std::vector<FieldViolation>& violations) {
  std::string text;
  for (const FieldViolation& violation : violations) {
    if (!text.empty()) text += '\n';
    if (!violation.field.empty()) text += Printable(violation.field) + ": ";
    text += Printable(violation.description);
  }
  return text;
}

}  // namespace

std::vector<FieldViolation> FieldViolations(const grpc::Status& status) {
  std::vector<FieldViolation> violations;
  for (const std::string& detail : Entries(status.error_details(), kStatusDetails)) {
    if (!Last(detail, kAnyTypeUrl).ends_with("/google.rpc.BadRequest")) continue;
    for (const std::string& entry : Entries(Last(detail, kAnyValue), kViolations)) {
      violations.push_back({Last(entry, kViolationField), Last(entry, kViolationDescription)});
    }
  }
  return violations;
}

Failure ExplainStatus(const grpc::Status& status, const std::string& target) {
  const std::vector<FieldViolation> violations = FieldViolations(status);
  if (!violations.empty()) return {ExitCode::kUsage, Mistakes(violations)};
  const std::string said = Printable(status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::PERMISSION_DENIED:
      return {ExitCode::kUsage, said};
    case grpc::StatusCode::UNAUTHENTICATED:
      return {ExitCode::kUnreachable,
              fmt::format("murphyd at {} does not accept the token ({}). Name its token file with "
                          "--token-file or MURPHY_TOKEN_FILE.",
                          target, said)};
    case grpc::StatusCode::UNAVAILABLE:
      return {ExitCode::kUnreachable,
              fmt::format("murphyd at {} cannot be reached ({}). Faults of its runs are disarmed; "
                          "start it again and repeat.",
                          target, said)};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {ExitCode::kUnreachable,
              fmt::format("murphyd at {} did not answer in time. Look at its log, then repeat.",
                          target)};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {
          ExitCode::kInternal,
          fmt::format("murphyd at {} does not know this call ({}): it is of another version than "
                      "this murphy. Install both from one release.",
                      target, said)};
    default:
      return {ExitCode::kInternal, fmt::format("murphyd failed: {}. Look at its log.", said)};
  }
}

}  // namespace murphy::cli
