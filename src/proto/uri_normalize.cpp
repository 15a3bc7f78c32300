// SPDX-License-Identifier: Apache-2.0
#include "proto/uri_normalize.hpp"

#include <algorithm>

#include "proto/http_tokens.hpp"

namespace corelane::proto {
namespace {

constexpr std::size_t parameters_max = 256;

/// What is written; it never grows beyond its memory.
class Text {
 public:
  explicit Text(std::span<char> memory) : memory_(memory) {}

  void append(std::string_view text) {
    fits_ = fits_ && text.size() <= memory_.size() - size_;
    if (!fits_) return;
    std::copy(text.begin(), text.end(), memory_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
  }
  void append(char c) { append({&c, 1}); }
  /// Takes back what stands behind its first `size` bytes.
  void shorten(std::size_t size) { size_ = size; }

  std::string_view text() const { return {memory_.data(), size_}; }
  bool fits() const { return fits_; }

 private:
  std::span<char> memory_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// Each sequence of a percent sign and two digits becomes what `write` makes of it. False: one is none.
template <class Write>
bool each_percent(std::string_view text, bool strict, Text& out, Write write) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.append(text[i]);
      continue;
    }
    const bool whole = i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0;
    if (!whole && strict) return false;
    if (!whole) {
      out.append('%');
      continue;
    }
    write(text.substr(i, 3), static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2])));
    i += 2;
  }
  return true;
}

bool write_upper(std::string_view text, bool strict, Text& out) {
  return each_percent(text, strict, out, [&out](std::string_view sequence, char) {
    for (const char c : sequence) out.append(c >= 'a' && c <= 'f' ? static_cast<char>(c - ('a' - 'A')) : c);
  });
}

bool write_decoded(std::string_view text, bool strict, Text& out) {
  return each_percent(text, strict, out, [&out](std::string_view sequence, char byte) {
    is_unreserved(byte) ? out.append(byte) : out.append(sequence);
  });
}

void write_merged(std::string_view path, Text& out) {
  for (std::size_t i = 0; i < path.size(); ++i)
    if (path[i] != '/' || i == 0 || path[i - 1] != '/') out.append(path[i]);
}

/// The next part of a path, which begins with a slash; false at its end.
bool next_segment(std::string_view& path, std::string_view& segment) {
  if (path.empty()) return false;
  segment = path.substr(0, std::min(path.find('/', 1), path.size()));
  path.remove_prefix(segment.size());
  return true;
}

void write_without_dot(std::string_view path, Text& out) {
  std::string_view segment;
  while (next_segment(path, segment)) {
    if (segment != "/.") {
      out.append(segment);
    } else if (path.empty()) {
      out.append('/');
    }
  }
}

void write_without_dotdot(std::string_view path, bool above_root, Text& out) {
  std::string_view segment;
  while (next_segment(path, segment)) {
    const std::size_t last = out.text().rfind('/');
    const bool may_go_up = last != std::string_view::npos && out.text().substr(last) != "/..";
    if (segment != "/..") {
      out.append(segment);
    } else if (may_go_up) {
      out.shorten(last);
    } else if (!above_root) {
      out.append(segment);
    }
    if (segment == "/.." && path.empty()) out.append('/');
  }
}

/// False: there are too many.
bool write_sorted(std::string_view query, Text& out) {
  std::array<std::string_view, parameters_max> parameters;
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == parameters.size()) return false;
    const std::size_t end = std::min(query.find('&'), query.size());
    more = end != query.size();
    parameters[count] = query.substr(0, end);
    query.remove_prefix(more ? end + 1 : end);
  }
  const auto name = [](std::string_view parameter) { return parameter.substr(0, parameter.find('=')); };
  // Those of one name keep their order; few are sorted without memory of their own.
  for (std::size_t i = 1; i < count; ++i)
    for (std::size_t k = i; k > 0 && name(parameters[k]) < name(parameters[k - 1]); --k)
      std::swap(parameters[k], parameters[k - 1]);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out.append('&');
    out.append(parameters[i]);
  }
  return true;
}

}  // namespace

UriNormalized normalize_uri(UriNormalizer normalizer, bool option, std::string_view path_and_query,
                            std::span<char> out, std::size_t& used) {
  Text text(out);
  const std::size_t mark = std::min(path_and_query.find('?'), path_and_query.size());
  const std::string_view path = path_and_query.substr(0, mark);
  const std::string_view query = path_and_query.substr(mark);
  const std::size_t fragment = std::min(path_and_query.find('#'), path_and_query.size());
  UriNormalized result = UriNormalized::done;
  switch (normalizer) {
    case UriNormalizer::fragment_encode:
      for (const char c : path_and_query) c == '#' ? text.append("%23") : text.append(c);
      break;
    case UriNormalizer::fragment_strip:
      text.append(path_and_query.substr(0, fragment));
      break;
    case UriNormalizer::path_merge_slashes:
      write_merged(path, text);
      text.append(query);
      break;
    case UriNormalizer::path_strip_dot:
      write_without_dot(path, text);
      text.append(query);
      break;
    case UriNormalizer::path_strip_dotdot:
      write_without_dotdot(path, option, text);
      text.append(query);
      break;
    case UriNormalizer::percent_decode_unreserved:
      if (!write_decoded(path_and_query, option, text)) result = UriNormalized::invalid;
      break;
    case UriNormalizer::percent_to_uppercase:
      if (!write_upper(path_and_query, option, text)) result = UriNormalized::invalid;
      break;
    case UriNormalizer::query_sort_by_name:
      text.append(path);
      if (query.size() > 1) text.append('?');
      if (query.size() <= 1) {
        text.append(query);
      } else if (!write_sorted(query.substr(1), text)) {
        result = UriNormalized::too_long;
      }
      break;
  }
  used = text.text().size();
  return text.fits() ? result : UriNormalized::too_long;
}

}  // namespace corelane::proto
