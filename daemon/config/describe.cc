// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/describe.h"

#include <map>

#include "daemon/config/language.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.pb.h"
#include "murphy/v1/fault.pb.h"
#include "murphy/v1/scenario.pb.h"
#include "proto/fault_source.h"

namespace murphy::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A comment without its margins, as one paragraph.
std::string Paragraph(const std::string& comment) {
  std::string paragraph;
  for (const char c : comment) {
    const bool space = c == ' ' || c == '\n';
    if (!space) {
      paragraph += c;
    } else if (!paragraph.empty() && paragraph.back() != ' ') {
      paragraph += ' ';
    }
  }
  if (!paragraph.empty() && paragraph.back() == ' ') paragraph.pop_back();
  return paragraph;
}

// Comments of the catalogue's fields by full name.
using Comments = std::map<std::string, std::string>;

Comments ReadComments() {
  using google::protobuf::DescriptorProto;
  using google::protobuf::FileDescriptorProto;
  Comments comments;
  google::protobuf::FileDescriptorSet set;
  const std::string_view source = FaultSource();
  set.ParseFromArray(source.data(), static_cast<int>(source.size()));
  for (const FileDescriptorProto& file : set.file()) {
    for (const auto& location : file.source_code_info().location()) {
      // Path of a field of a message (see SourceCodeInfo.Location).
      const auto& path = location.path();
      if (path.size() != 4 || path[0] != FileDescriptorProto::kMessageTypeFieldNumber ||
          path[2] != DescriptorProto::kFieldFieldNumber) {
        continue;
      }
      const DescriptorProto& message = file.message_type(path[1]);
      comments[fmt::format("{}.{}.{}", file.package(), message.name(),
                           message.field(path[3]).name())] = Paragraph(location.leading_comments());
    }
  }
  return comments;
}

// `Description` has parameters.
template <typename Description>
void Describe(const Descriptor* message, const std::string& prefix, const Comments& comments,
              Description& description) {
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    const auto found = comments.find(field->full_name());
    v1::ParameterDescription& parameter = *description.add_parameters();
    parameter.set_name(prefix + field->name());
    parameter.set_type(TypeName(field));
    parameter.set_summary(found == comments.end() ? "" : found->second);
    *parameter.mutable_info() = InfoOf(field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
        !IsDuration(field)) {
      Describe(field->message_type(), fmt::format("{}{}.", prefix, field->name()), comments,
               description);
    }
  }
}

const Comments& AllComments() {
  static const Comments& comments = *new Comments(ReadComments());
  return comments;
}

}  // namespace

std::vector<std::string> FaultNames() { return KeysOf(v1::Fault::descriptor()); }

std::vector<v1::FaultDescription> DescribeFaults(std::string_view name) {
  std::vector<v1::FaultDescription> descriptions;
  for (int i = 0; i < v1::Fault::descriptor()->field_count(); ++i) {
    const FieldDescriptor* fault = v1::Fault::descriptor()->field(i);
    if (!name.empty() && fault->name() != name) continue;
    v1::FaultDescription& description = descriptions.emplace_back();
    description.set_name(fault->name());
    *description.mutable_info() = fault->options().GetExtension(v1::fault_info);
    Describe(fault->message_type(), "", AllComments(), description);
  }
  return descriptions;
}

std::vector<std::string> ExpectationNames() { return KeysOf(v1::Expect::descriptor()); }

std::vector<v1::ExpectDescription> DescribeExpectations(std::string_view name) {
  std::vector<v1::ExpectDescription> descriptions;
  for (int i = 0; i < v1::Expect::descriptor()->field_count(); ++i) {
    const FieldDescriptor* expectation = v1::Expect::descriptor()->field(i);
    if (!name.empty() && expectation->name() != name) continue;
    v1::ExpectDescription& description = descriptions.emplace_back();
    description.set_name(expectation->name());
    *description.mutable_info() = expectation->options().GetExtension(v1::expect_info);
    Describe(expectation->message_type(), "", AllComments(), description);
  }
  return descriptions;
}

}  // namespace murphy::config
