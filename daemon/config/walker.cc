// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/walker.h"

#include <algorithm>

#include "daemon/config/hints.h"
#include "daemon/config/language.h"
#include "daemon/config/scalar.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::config {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

namespace {

constexpr size_t kMostListed = 12;
// Keys that are listed although nobody asked for one.
constexpr size_t kFew = 8;

bool IsTable(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field);
}

Place Inside(const Place& place, std::string_view key) {
  const auto join = [key](const std::string& outer) {
    return outer.empty() ? std::string(key) : fmt::format("{}.{}", outer, key);
  };
  return {join(place.path), join(place.shown)};
}

std::string Named(const Place& place) {
  return place.shown.empty() ? "the top level" : fmt::format("`{}`", place.shown);
}

bool AnyOf(const std::vector<std::string>& names, const std::vector<std::string>& present) {
  return std::any_of(names.begin(), names.end(), [&present](const std::string& name) {
    return std::find(present.begin(), present.end(), name) != present.end();
  });
}

class Walker {
 public:
  Walker(std::span<const std::string> files, Origins* origins, std::vector<Slip>& slips)
      : files_(files), origins_(origins), slips_(slips) {}

  void Table(const Value& table, const Place& place, Message& message) {
    Remember(place, table.location);
    tables_.push_back({message.GetDescriptor(), place.shown});
    // Keys that are there, or were meant to be.
    std::vector<std::string> present;
    for (const Entry& entry : table.entries) {
      const std::optional<Key> key = FindKey(message.GetDescriptor(), entry.key);
      if (!key) {
        present.push_back(RefuseKey(entry, place, message.GetDescriptor()));
        continue;
      }
      present.push_back(entry.key);
      if (key->flattened != nullptr) {
        const Place inner{Inside(place, key->flattened->name()).path, place.shown};
        Remember(inner, entry.location);
        Remember(Inside(place, entry.key), entry.location);  // as the user writes it
        Message* flat = message.GetReflection()->MutableMessage(&message, key->flattened);
        Field(entry, key->field, inner, *flat);
      } else {
        Field(entry, key->field, place, message);
      }
    }
    tables_.pop_back();
    CheckPresence(table.location, place, message.GetDescriptor(), present);
  }

 private:
  void Remember(const Place& place, const Location& location) {
    if (origins_ != nullptr)
      origins_->try_emplace(place.path, Origin{files_[location.file], location});
  }

  // Says that a key is unknown; returns the one that was probably meant, or nothing.
  std::string RefuseKey(const Entry& entry, const Place& place, const Descriptor* type) {
    const std::vector<std::string> accepted = KeysOf(type);
    std::string message = fmt::format("{} has no key {}", Named(place),
                                      Shown({.kind = Value::Kind::kText, .text = entry.key}));
    std::string meant(SynonymOf(entry.key, accepted));
    const std::string home = meant.empty() ? HomeOf(entry.key, tables_) : "";
    if (meant.empty() && home.empty()) meant = NearestName(entry.key, accepted);
    message += meant.empty() ? home : fmt::format("; did you mean `{}`?", meant);
    const bool guided = !meant.empty() || !home.empty();
    if (!guided || accepted.size() <= kMostListed) {
      message += fmt::format("{} {}",
                             !guided         ? "; it accepts"
                             : meant.empty() ? ". It accepts"
                                             : " It accepts",
                             Quoted(accepted));
    }
    slips_.push_back({entry.location, std::move(message)});
    return meant;
  }

  // The alternative that is already there, or null.
  static const FieldDescriptor* Rival(const FieldDescriptor* field, const Message& message) {
    const OneofDescriptor* oneof = field->real_containing_oneof();
    return oneof == nullptr ? nullptr
                            : message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  }

  void Field(const Entry& entry, const FieldDescriptor* field, const Place& place,
             Message& message) {
    const Place own = Inside(place, entry.key);
    if (const FieldDescriptor* rival = Rival(field, message)) {
      slips_.push_back(
          {entry.location, fmt::format("`{}` and `{}` exclude each other in {}: keep one of them",
                                       rival->name(), field->name(), Named(place))});
    } else if (field->is_map()) {
      Map(entry, field, own, message);
    } else if (field->is_repeated()) {
      ListOrOne(entry, field, own, message);
    } else if (IsTable(field)) {
      if (!Require(entry.value, Value::Kind::kTable, entry.key, field, own)) return;
      Table(entry.value, own, *message.GetReflection()->MutableMessage(&message, field));
    } else {
      Scalar(entry.key, entry.value, field, own, message);
    }
  }

  void Scalar(std::string_view name, const Value& value, const FieldDescriptor* field,
              const Place& own, Message& message) {
    Remember(own, value.location);
    const std::string problem = ReadScalar(value, field, message);
    if (!problem.empty()) slips_.push_back({value.location, fmt::format("`{}`{}", name, problem)});
  }

  // A table in a list is written in square brackets: below a header, where nothing but tables is
  // around it.
  static std::string ListHint(std::string_view name, const Place& place) {
    if (place.path.find('[') != std::string::npos)
      return fmt::format(": write {} = [{{ … }}]", name);
    return fmt::format(": write it as [[{}]]", place.shown);
  }

  bool Require(const Value& value, Value::Kind kind, std::string_view name,
               const FieldDescriptor* field, const Place& place) {
    if (value.kind == kind) return true;
    std::string message =
        fmt::format("`{}` must be a {}, not {}", name, TypeName(field), Shown(value));
    if (kind == Value::Kind::kList && IsTable(field)) message += ListHint(name, place);
    if (kind == Value::Kind::kTable && !field->is_map()) {
      const std::vector<std::string> keys = KeysOf(field->message_type());
      if (keys.size() <= kFew) message += fmt::format(": its keys are {}", Quoted(keys));
    }
    slips_.push_back({value.location, std::move(message)});
    return false;
  }

  void Map(const Entry& entry, const FieldDescriptor* field, const Place& own, Message& message) {
    if (!Require(entry.value, Value::Kind::kTable, entry.key, field, own)) return;
    Remember(own, entry.value.location);
    const FieldDescriptor* value_field = field->message_type()->map_value();
    for (const Entry& inner : entry.value.entries) {
      Message* pair = message.GetReflection()->AddMessage(&message, field);
      pair->GetReflection()->SetString(pair, field->message_type()->map_key(), inner.key);
      const Place place = Inside(own, inner.key);
      if (!IsTable(value_field)) {
        Scalar(inner.key, inner.value, value_field, place, *pair);
      } else if (Require(inner.value, Value::Kind::kTable, inner.key, value_field, place)) {
        Table(inner.value, place, *pair->GetReflection()->MutableMessage(pair, value_field));
      }
    }
  }

  // An entry without brackets is a list of one.
  void ListOrOne(const Entry& entry, const FieldDescriptor* field, const Place& own,
                 Message& message) {
    if (!InfoOf(field).single() || entry.value.kind == Value::Kind::kList)
      return List(entry, field, own, message);
    if (!IsTable(field)) return Scalar(entry.key, entry.value, field, own, message);
    if (Require(entry.value, Value::Kind::kTable, entry.key, field, own))
      Table(entry.value, own, *message.GetReflection()->AddMessage(&message, field));
  }

  void List(const Entry& entry, const FieldDescriptor* field, const Place& own, Message& message) {
    if (!Require(entry.value, Value::Kind::kList, entry.key, field, own)) return;
    Remember(own, IsTable(field) ? entry.location : entry.value.location);
    const uint32_t length = InfoOf(field).length();
    if (length > 0 && entry.value.items.size() != length) {
      slips_.push_back(
          {entry.value.location, fmt::format("`{}` must be a {}, not of {}", entry.key,
                                             TypeName(field), entry.value.items.size())});
    } else if (entry.value.items.empty()) {
      slips_.push_back(
          {entry.value.location,
           fmt::format("`{}` is an empty list: leave it out, or say what is in it", entry.key)});
    }
    int index = message.GetReflection()->FieldSize(message, field);
    for (const Value& item : entry.value.items) {
      const Place place{fmt::format("{}[{}]", own.path, index++), own.shown};
      if (!IsTable(field)) {
        Scalar(entry.key, item, field, place, message);
      } else if (Require(item, Value::Kind::kTable, entry.key, field, place)) {
        Table(item, place, *message.GetReflection()->AddMessage(&message, field));
      }
    }
  }

  // What must be there: fields that say so, and one of each set of alternatives without a default.
  void CheckPresence(const Location& location, const Place& place, const Descriptor* type,
                     const std::vector<std::string>& present) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!InfoOf(field).required()) continue;
      std::vector<std::string> keys = InfoOf(field).flatten()
                                          ? KeysOf(field->message_type())
                                          : std::vector<std::string>{field->name()};
      keys.insert(keys.end(), InfoOf(field).instead().begin(), InfoOf(field).instead().end());
      if (AnyOf(keys, present)) continue;
      slips_.push_back({location, InfoOf(field).flatten()
                                      ? fmt::format("{} names no {}: it needs one of {}",
                                                    Named(place), field->name(), Quoted(keys))
                                      : fmt::format("`{}` is missing: {} needs it", field->name(),
                                                    Named(place))});
    }
    for (int i = 0; i < type->real_oneof_decl_count(); ++i) {
      CheckAlternatives(location, place, type->oneof_decl(i), present);
    }
  }

  void CheckAlternatives(const Location& location, const Place& place, const OneofDescriptor* oneof,
                         const std::vector<std::string>& present) {
    std::vector<std::string> names;
    for (int i = 0; i < oneof->field_count(); ++i) {
      if (!InfoOf(oneof->field(i)).default_value().empty()) return;
      names.push_back(oneof->field(i)->name());
    }
    if (AnyOf(names, present)) return;
    slips_.push_back({location, fmt::format("{} needs one of {}", Named(place), Quoted(names))});
  }

  std::span<const std::string> files_;
  Origins* origins_;
  std::vector<Slip>& slips_;
  // The table that is being read, and those around it.
  std::vector<Surrounding> tables_;
};

}  // namespace

void ReadTable(const Value& table, const Place& place, std::span<const std::string> files,
               Message& message, Origins* origins, std::vector<Slip>& slips) {
  Walker(files, origins, slips).Table(table, place, message);
}

}  // namespace murphy::config
