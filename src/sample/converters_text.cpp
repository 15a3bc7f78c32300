// SPDX-License-Identifier: Apache-2.0
// Converters of texts.
#include <algorithm>
#include <array>

#include "sample/functions.hpp"
#include "sample/numbers.hpp"
#include "sample/replacement.hpp"

namespace corelane::sample {
namespace {

constexpr std::size_t groups_max = 10;  // of a regular expression: \0 to \9

bool is_one_of(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

template <class Function>
bool transform(Arena& arena, Sample& sample, Function function) {
  char* text = arena.take(sample.text.size());
  if (text == nullptr) return false;
  std::transform(sample.text.begin(), sample.text.end(), text, function);
  sample.set(std::string_view(text, sample.text.size()));
  return true;
}

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

/// The parts of a text between delimiters: of fields each, of words those that are not empty.
struct Parts {
  std::string_view text;
  std::string_view delimiters;
  bool skips_empty;

  /// From `at` on: the next part. False: there is none.
  bool next(std::size_t& at, std::size_t& begin, std::size_t& end) const {
    if (skips_empty)
      while (at < text.size() && is_one_of(delimiters, text[at])) ++at;
    if (at > text.size() || (skips_empty && at == text.size())) return false;
    begin = at;
    while (at < text.size() && !is_one_of(delimiters, text[at])) ++at;
    end = at++;
    return true;
  }

  std::int64_t count() const {
    std::size_t at = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int64_t parts = 0;
    while (next(at, begin, end)) ++parts;
    return parts;
  }

  /// `wanted` parts (0: all that follow) from number `first` on, which counts from 1; with what is between
  /// them.
  bool range(std::int64_t first, std::int64_t wanted, std::string_view& result) const {
    std::size_t at = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t from = 0;
    bool found = false;
    for (std::int64_t number = 1; next(at, begin, end); ++number) {
      if (number == first) {
        from = begin;
        found = true;
      }
      if (!found) continue;
      result = between(text, from, end);
      if (wanted != 0 && number + 1 - first == wanted) break;
    }
    return found;
  }
};

/// field and word: number (negative: from the end), delimiters, how many.
bool take_parts(const Arguments& arguments, bool skips_empty, Sample& sample) {
  const Parts parts{sample.text, arguments[1].text, skips_empty};
  std::int64_t first = arguments[0].integer;
  const std::int64_t wanted = arguments[2].given() ? arguments[2].integer : 1;
  const bool backwards = first < 0;
  if (backwards) first += parts.count() + 1;
  std::string_view result;
  if (backwards) {
    // Counted from the end, more parts are those before it.
    const std::int64_t last = first;
    if (last < 1) return false;
    first = wanted == 0 ? 1 : std::max<std::int64_t>(1, last - wanted + 1);
    if (!parts.range(first, last - first + 1, result)) return false;
  } else if (first < 1 || !parts.range(first, wanted, result)) {
    return false;
  }
  sample.set(result);
  return true;
}

}  // namespace

bool convert_lower(const Arguments&, Arena& arena, Sample& sample) {
  return transform(arena, sample, lower_case);
}

bool convert_upper(const Arguments&, Arena& arena, Sample& sample) {
  return transform(arena, sample, upper_case);
}

bool convert_length(const Arguments&, Arena&, Sample& sample) {
  sample.set(static_cast<std::int64_t>(sample.text.size()));
  return true;
}

bool convert_bytes(const Arguments& arguments, Arena&, Sample& sample) {
  const std::int64_t offset = arguments[0].integer;
  const std::int64_t size = arguments[1].integer;
  if (offset < 0 || size < 0) return false;
  const std::string_view rest =
      sample.text.substr(std::min<std::size_t>(static_cast<std::size_t>(offset), sample.text.size()));
  sample.text = arguments[1].given() ? rest.substr(0, static_cast<std::size_t>(size)) : rest;
  return true;
}

bool convert_field(const Arguments& arguments, Arena&, Sample& sample) {
  return take_parts(arguments, false, sample);
}

bool convert_word(const Arguments& arguments, Arena&, Sample& sample) {
  return take_parts(arguments, true, sample);
}

bool convert_ltrim(const Arguments& arguments, Arena&, Sample& sample) {
  while (!sample.text.empty() && is_one_of(arguments[0].text, sample.text.front()))
    sample.text.remove_prefix(1);
  return true;
}

bool convert_rtrim(const Arguments& arguments, Arena&, Sample& sample) {
  while (!sample.text.empty() && is_one_of(arguments[0].text, sample.text.back()))
    sample.text.remove_suffix(1);
  return true;
}

namespace {

/// A text that is written into what the arena has left.
class Writer {
 public:
  explicit Writer(Arena& arena) : arena_(arena), room_(arena.left()), text_(arena.take(room_)) {}

  void append(std::string_view part) {
    fits_ = fits_ && part.size() <= room_ - size_;
    if (!fits_) return;
    std::copy(part.begin(), part.end(), text_ + size_);
    size_ += part.size();
  }

  /// False: there was not enough room.
  bool finish(Sample& sample) {
    arena_.give_back(room_ - size_);
    sample.set(std::string_view(text_, size_));
    return fits_;
  }

 private:
  Arena& arena_;
  std::size_t room_;
  char* text_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

using Groups = std::array<re2::StringPiece, groups_max>;

void append_replacement(std::string_view replacement, const Groups& groups, Writer& writer) {
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] == '\\' && i + 1 < replacement.size()) {
      const char next = replacement[++i];
      if (is_digit(next)) {
        const re2::StringPiece& group = groups[static_cast<std::size_t>(next - '0')];
        writer.append({group.data(), group.size()});
        continue;
      }
    }
    writer.append(replacement.substr(i, 1));
  }
}

}  // namespace

bool fill_in_groups(const re2::RE2& regex, std::string_view replacement, Arena& arena, Sample& sample) {
  const std::string_view text = sample.text;
  const int groups_wanted = std::min(static_cast<int>(groups_max), regex.NumberOfCapturingGroups() + 1);
  Groups groups;
  if (!regex.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                   groups_wanted))
    return false;
  Writer writer(arena);
  append_replacement(replacement, groups, writer);
  return writer.finish(sample);
}

// The first match, or with the flag g all of them.
bool convert_regsub(const Arguments& arguments, Arena& arena, Sample& sample) {
  const re2::RE2& regex = *arguments[0].regex;
  const std::string_view text = sample.text;
  const int groups_wanted = std::min(static_cast<int>(groups_max), regex.NumberOfCapturingGroups() + 1);
  const bool all = arguments[2].text.find('g') != std::string::npos;
  Groups groups;
  Writer writer(arena);
  std::size_t at = 0;
  std::size_t copied = 0;
  while (at <= text.size() && regex.Match({text.data(), text.size()}, at, text.size(), re2::RE2::UNANCHORED,
                                          groups.data(), groups_wanted)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    writer.append(between(text, copied, begin));
    append_replacement(arguments[1].text, groups, writer);
    copied = begin + groups[0].size();
    at = groups[0].empty() ? copied + 1 : copied;
    if (!all) break;
  }
  writer.append(text.substr(copied));
  return writer.finish(sample);
}

}  // namespace corelane::sample
