// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/model.hpp"
#include "config/node.hpp"

/// The field tables' form. A section of the file is a table of rows, one per key; decoder, defaults,
/// effective configuration, JSON Schema, reference page and completion words all walk the same tables
/// (sections.hpp).
namespace corelane::config {

struct Field;
struct Section;

/// What every value is decoded with: where faults go and which names the file defines.
struct DecodeContext {
  Report& report;
  /// In the order of the file, which is that of Model::backends. Empty when the file's backends cannot be
  /// read at all: no reference to one is faulty then.
  std::optional<std::vector<std::string_view>> backend_names;
  /// Likewise for Model::errors.
  std::optional<std::vector<std::string_view>> error_group_names = std::nullopt;
};

/// What every value is written with.
struct EncodeContext {
  const Model& model;
};

/// One kind of value: how it is read, written and described. `member` points to the C++ value it stands for.
struct ValueType {
  std::string_view name;  // in the reference page: "duration"
  Node::Kind spelling;    // how a default is spelled in JSON: string, integer or boolean
  /// False when the value is faulty; it has been reported then and the member is unchanged or half set.
  bool (*read)(DecodeContext&, const Field&, const Node&, const std::string& path, void* member);
  void (*write)(const EncodeContext&, const Field&, const void* member, nlohmann::ordered_json& value);
  void (*describe)(const Field&, nlohmann::ordered_json& schema);
  /// For rows without a default: whether the member holds no value, which is then not written, and making it
  /// so. Null for types whose rows always have a value.
  bool (*absent)(const void* member) = nullptr;
  void (*clear)(void* member) = nullptr;
};

/// A ValueType for members of type T: lets a row's member be checked against its type when the table is
/// compiled.
template <class T>
struct TypeFor {
  const ValueType* type;
};

/// A key that means something only while another key of the same object has a certain value.
struct Condition {
  std::string_view decider;  // the other key; empty: several
  bool (*holds)(const void* object);
  std::string_view requirement;                      // completes "has no effect unless "
  std::string_view (*requirement_made)() = nullptr;  // instead of that

  constexpr std::string_view text() const { return requirement_made ? requirement_made() : requirement; }
};

struct Bounds {
  std::int64_t min = 0;  // number, milliseconds, bytes or list length
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// How a vector of the model is walked without knowing what it holds.
struct ListAccess {
  void* (*append)(void* list) = nullptr;
  std::size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, std::size_t index) = nullptr;
  void (*clear)(void* list) = nullptr;
  std::string& (*name)(void* element) = nullptr;  // set where the elements stand under free names
};

/// How an object that need not be there is reached; all take the object that would hold it.
struct OptionalAccess {
  void* (*emplace)(void* object) = nullptr;
  bool (*present)(const void* object) = nullptr;
  void (*reset)(void* object) = nullptr;
  /// Where `false` says more than silence does: what remembers it; null elsewhere.
  bool& (*refused)(void* object) = nullptr;
};

using Words = std::span<const std::string_view> (*)();

/// One row of a table: one key of the file.
struct Field {
  std::string_view key;
  std::string_view help;  // one or two sentences; the first says what it is
  void* (*member)(void* object) = nullptr;
  const ValueType* type = nullptr;     // of the value, or of each element where `list` is set
  std::string_view default_text = {};  // as the file would say it, without quotes; empty: none
  std::string_view default_note = {};  // what an absent key means where default_text does not say it all
  Bounds bounds = {};
  Words words = nullptr;             // the allowed words of a word value
  const Section* section = nullptr;  // of an object, or of each element where `list` is set
  ListAccess list = {};              // set for a JSON list and for an object with free names
  OptionalAccess optional = {};      // set for an object that is there only where it is given
  bool required = false;
  bool input_only = false;  // only a source of defaults for other keys: not written
  Condition condition = {};

  constexpr bool is_optional() const { return optional.emplace != nullptr; }
  constexpr bool is_list() const { return list.append != nullptr; }
  constexpr bool is_named() const { return list.name != nullptr; }

  constexpr Field with_note(std::string_view note) const {
    Field field = *this;
    field.default_note = note;
    return field;
  }
  constexpr Field only_if(const Condition& wanted) const {
    Field field = *this;
    field.condition = wanted;
    return field;
  }
  constexpr Field as_required() const {
    Field field = *this;
    field.required = true;
    return field;
  }
  constexpr Field as_input_only() const {
    Field field = *this;
    field.input_only = true;
    return field;
  }
};

/// One kind of object in the file.
struct Section {
  std::string_view help;  // what the reference page says above the table
  std::span<const Field> fields;
  /// Before the keys are read, after the rows' own defaults: takes over what the parent hands down. `parent`
  /// is the object that holds this one.
  void (*prepare)(void* object, const void* parent) = nullptr;
  /// After the keys are read, faulty ones included: what follows from several of them.
  void (*finish)(DecodeContext&, const Node&, const std::string& path, void* object,
                 const void* parent) = nullptr;
  /// Whether an object holds nothing and is left out when the effective configuration is written.
  bool (*absent)(const void* object) = nullptr;
  std::string_view shorthand = {};  // the key whose bare value may stand for the whole object
  /// Of an object that need not be there: true stands for the object with its defaults, false for none.
  bool switchable = false;
  /// What faults show who wrote something else than an object, a line of HAProxy's for one; JSON.
  std::string_view example = {};
  /// What to write where somebody wrote a key that there is not; empty: nothing is known. May be null.
  std::string (*instead_of_key)(std::string_view key) = nullptr;
};

/// Gives one key of an object its default.
void apply_default(const Field& field, void* object);
/// Fills an object with the defaults of its table's rows, objects inside it included.
void apply_defaults(const Section& section, void* object);

/// Reads an object by its table. False when anything in it was faulty; everything has been reported then.
bool read_object(DecodeContext& context, const Section& section, const Node& node, const std::string& path,
                 void* object, const void* parent);

/// Writes an object by its table, every key that has a meaning with its value.
void write_object(const EncodeContext& context, const Section& section, const void* object,
                  nlohmann::ordered_json& value);

}  // namespace corelane::config
