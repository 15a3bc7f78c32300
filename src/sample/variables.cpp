// SPDX-License-Identifier: Apache-2.0
#include "sample/variables.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace corelane::sample {
namespace {

constexpr std::array<std::string_view, 5> scope_names{"proc", "sess", "txn", "req", "res"};
constexpr std::size_t name_bytes_max = 128;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

std::uint32_t find_or_add(std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
  names.emplace_back(name);
  return static_cast<std::uint32_t>(names.size() - 1);
}

bool is_text(Type type) {
  return type == Type::string || type == Type::binary || type == Type::method;
}

using AddressWords = std::array<std::uint64_t, 3>;
static_assert(sizeof(base::Endpoint) <= sizeof(AddressWords));

base::Endpoint address_from(std::uint64_t first, std::uint64_t second, std::uint64_t third) {
  const AddressWords words{first, second, third};
  std::array<std::byte, sizeof(base::Endpoint)> bytes;
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return std::bit_cast<base::Endpoint>(bytes);
}

bool copy_text(std::string_view text, Type type, Arena& arena, Sample& sample) {
  char* copy = arena.take(text.size());
  if (copy == nullptr) return false;
  std::copy(text.begin(), text.end(), copy);
  sample.set(std::string_view(copy, text.size()), type);
  return true;
}

}  // namespace

std::optional<Variable> VariableNames::find_of_stream(std::string_view text) const noexcept {
  const auto found = std::find(stream_.begin(), stream_.end(), text);
  if (found == stream_.end()) return std::nullopt;
  const auto slot = static_cast<std::uint32_t>(found - stream_.begin());
  return Variable{stream_scopes_[slot], slot};
}

std::optional<Variable> VariableNames::add(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || !is_name(text.substr(dot + 1))) return std::nullopt;
  const auto found = std::find(scope_names.begin(), scope_names.end(), text.substr(0, dot));
  if (found == scope_names.end()) return std::nullopt;
  const auto scope = static_cast<VariableScope>(found - scope_names.begin());
  if (scope == VariableScope::proc) return Variable{scope, find_or_add(process_, text)};
  if (scope == VariableScope::sess) return Variable{scope, find_or_add(session_, text)};
  const std::uint32_t slot = find_or_add(stream_, text);
  stream_scopes_.resize(stream_.size(), scope);
  return Variable{scope, slot};
}

// --- A block: how many bytes of its texts are used, the values, the texts ----------------------------------

std::size_t VariableBlock::bytes_for(std::size_t slots, std::size_t text_bytes) noexcept {
  return (sizeof(std::uint64_t) + slots * sizeof(VariableValue) + text_bytes + 7) / 8 * 8;
}

VariableBlock::VariableBlock(std::span<std::byte> memory, std::size_t slots) noexcept
    : used_(*std::launder(reinterpret_cast<std::uint32_t*>(memory.data()))) {
  std::byte* values = memory.data() + sizeof(std::uint64_t);
  values_ = {std::launder(reinterpret_cast<VariableValue*>(values)), slots};
  const std::span<std::byte> texts = memory.subspan(sizeof(std::uint64_t) + slots * sizeof(VariableValue));
  texts_ = {reinterpret_cast<char*>(texts.data()), texts.size()};
}

bool VariableBlock::get(std::uint32_t slot, Arena& arena, Sample& sample) const noexcept {
  const VariableValue& value = values_[slot];
  if (!value.set) return false;
  if (is_text(value.type))
    return copy_text({&texts_[value.text], value.text_bytes}, value.type, arena, sample);
  sample.type = value.type;
  sample.integer = value.integer;
  sample.address = value.address;
  return true;
}

/// Moves the texts that are in use together, in their order, where those behind them leave too little room.
bool VariableBlock::make_room(std::uint32_t bytes) noexcept {
  if (bytes <= texts_.size() - used_) return true;
  std::uint32_t end = 0;
  std::uint32_t from = 0;  // what lies before is in its place
  for (;;) {
    VariableValue* next = nullptr;
    for (VariableValue& value : values_) {
      const bool waits = value.set && is_text(value.type) && value.text_bytes != 0 && value.text >= from;
      if (waits && (next == nullptr || value.text < next->text)) next = &value;
    }
    if (next == nullptr) break;
    from = next->text + next->text_bytes;
    std::memmove(&texts_[end], &texts_[next->text], next->text_bytes);
    next->text = end;
    end += next->text_bytes;
  }
  used_ = end;
  return bytes <= texts_.size() - used_;
}

bool VariableBlock::set(std::uint32_t slot, const Sample& sample) noexcept {
  VariableValue& value = values_[slot];
  if (is_text(sample.type)) {
    const auto bytes = static_cast<std::uint32_t>(sample.text.size());
    const bool fits = value.set && is_text(value.type) && bytes <= value.text_bytes;
    if (!fits && (sample.text.size() > texts_.size() || !make_room(bytes))) return false;
    if (!fits) {
      value.text = used_;
      used_ += bytes;
    }
    value.text_bytes = bytes;
    std::copy(sample.text.begin(), sample.text.end(), texts_.begin() + value.text);
  }
  value.type = sample.type;
  value.integer = sample.integer;
  value.address = sample.address;
  value.set = true;
  return true;
}

void VariableBlock::clear() noexcept {
  for (VariableValue& value : values_) value.set = false;
  used_ = 0;
}

// --- The process's -----------------------------------------------------------------------------------------

ProcessVariables::ProcessVariables(std::size_t slots) : slots_(std::make_unique<Slot[]>(slots)) {}

// Words: what it is (0: not set), its integer, the address in three, how long the text is, the text. A reader
// that sees a word of a later writer also sees, for the release and acquire at each word, that the version
// has gone on: it was raised before that writer began.
bool ProcessVariables::get(std::uint32_t number, Arena& arena, Sample& sample) const noexcept {
  const Slot& slot = slots_[number];
  for (int tries = 0; tries < tries_max; ++tries) {
    const std::uint64_t version = slot.version.load(std::memory_order_acquire);
    const Place& place = slot.places[version & 1];
    std::array<std::uint64_t, words> copy;
    for (std::size_t i = 0; i < head_words; ++i) copy[i] = place[i].load(std::memory_order_acquire);
    const std::size_t text_bytes = std::min<std::size_t>(copy[5], text_bytes_max);
    const std::size_t end = head_words + (text_bytes + 7) / 8;
    for (std::size_t i = head_words; i < end; ++i) copy[i] = place[i].load(std::memory_order_acquire);
    if (slot.version.load(std::memory_order_relaxed) != version) continue;
    if (copy[0] == 0) return false;
    const auto type = static_cast<Type>(copy[0] - 1);
    if (is_text(type))
      return copy_text({reinterpret_cast<const char*>(&copy[head_words]), text_bytes}, type, arena, sample);
    sample.type = type;
    sample.integer = static_cast<std::int64_t>(copy[1]);
    sample.address = address_from(copy[2], copy[3], copy[4]);
    return true;
  }
  return false;
}

bool ProcessVariables::set(std::uint32_t number, const Sample& sample) noexcept {
  if (is_text(sample.type) && sample.text.size() > text_bytes_max) return false;
  write(slots_[number], true, sample);
  return true;
}

void ProcessVariables::unset(std::uint32_t number) noexcept {
  write(slots_[number], false, {});
}

void ProcessVariables::write(Slot& slot, bool set, const Sample& sample) noexcept {
  if (slot.writing.exchange(true, std::memory_order_acquire)) return;
  const std::uint64_t version = slot.version.load(std::memory_order_relaxed);
  Place& place = slot.places[(version + 1) & 1];
  std::array<std::uint64_t, words> copy;
  std::fill_n(copy.begin(), head_words, 0);
  copy[0] = set ? static_cast<std::uint64_t>(sample.type) + 1 : 0;
  copy[1] = static_cast<std::uint64_t>(sample.integer);
  std::memcpy(&copy[2], &sample.address, sizeof(base::Endpoint));
  std::size_t end = head_words;
  if (set && is_text(sample.type)) {
    const std::size_t bytes = std::min(sample.text.size(), text_bytes_max);
    copy[5] = bytes;
    end += (bytes + 7) / 8;
    if (end != head_words) copy[end - 1] = 0;
    std::memcpy(copy.data() + head_words, sample.text.data(), bytes);
  }
  for (std::size_t i = 0; i < end; ++i) place[i].store(copy[i], std::memory_order_release);
  slot.version.store(version + 1, std::memory_order_release);
  slot.writing.store(false, std::memory_order_release);
}

// --- All of them -------------------------------------------------------------------------------------------

bool VariableScopes::get(const Variable& variable, Arena& arena, Sample& sample) const noexcept {
  if (variable.scope == VariableScope::proc)
    return process != nullptr && process->get(variable.slot, arena, sample);
  const VariableBlock* block = variable.scope == VariableScope::sess ? session : stream;
  return block != nullptr && block->get(variable.slot, arena, sample);
}

bool VariableScopes::set(const Variable& variable, const Sample& sample) noexcept {
  if (variable.scope == VariableScope::proc) return process != nullptr && process->set(variable.slot, sample);
  VariableBlock* block = variable.scope == VariableScope::sess ? session : stream;
  return block != nullptr && block->set(variable.slot, sample);
}

void VariableScopes::unset(const Variable& variable) noexcept {
  if (variable.scope == VariableScope::proc) {
    if (process != nullptr) process->unset(variable.slot);
    return;
  }
  VariableBlock* block = variable.scope == VariableScope::sess ? session : stream;
  if (block != nullptr) block->unset(variable.slot);
}

}  // namespace corelane::sample
