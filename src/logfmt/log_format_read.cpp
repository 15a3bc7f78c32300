// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/near_miss.hpp"
#include "logfmt/log_format.hpp"

namespace corelane::logfmt {

/// Makes the pieces of a format ready; the first fault ends it.
class LogFormatReader {
 public:
  LogFormatReader(bool of_http, const sample::Names& names) : of_http_(of_http), names_(names) {}

  LogFormatRead read(std::string_view text) {
    sample::FormatText format = sample::read_format_text(text);
    for (const sample::FormatPiece& piece : format.pieces)
      if (!add(piece)) return {{}, std::move(fault_)};
    if (format.fault) return {{}, std::move(*format.fault)};
    return {std::move(format_), {}};
  }

 private:
  bool fail(const sample::FormatPiece& piece, std::string message, std::string_view near_miss = {}) {
    fault_ = {piece.position, std::move(message), {}, std::string(near_miss)};
    return false;
  }

  bool add(const sample::FormatPiece& piece) {
    using Kind = sample::FormatPiece::Kind;
    if (piece.kind == Kind::name) return add_name(piece);
    if (piece.kind == Kind::expression) return add_value(piece, piece.text, nullptr);
    format_.items_.push_back({.kind = piece.kind, .text = std::string(piece.text), .flags = piece.flags});
    return true;
  }

  bool add_name(const sample::FormatPiece& piece) {
    const LogName* const name = find_log_name(piece.text);
    if (name == nullptr) {
      std::vector<std::string_view> known;
      for (const LogName& row : log_names()) known.push_back(row.name);
      for (const LogName& row : log_names_of_time()) known.push_back(row.name);
      return fail(piece, fmt::format("\"%{}\" is not known", piece.text), base::near_miss(piece.text, known));
    }
    if (name->http_only && !of_http_)
      return fail(piece, fmt::format("\"%{}\" is about HTTP requests and needs mode http", piece.text));
    if (!name->fetch.empty()) return add_value(piece, name->fetch, name);
    format_.items_.push_back({.kind = piece.kind, .name = name, .flags = piece.flags});
    return true;
  }

  // Only what has a name is written as a number.
  bool add_value(const sample::FormatPiece& piece, std::string_view expression, const LogName* name) {
    sample::ExpressionRead read = sample::read_expression(expression, names_);
    if (!read.expression) {
      fault_ = std::move(read.fault);
      fault_.position += piece.position;
      return false;
    }
    if (auto fault = sample::unmet_need(read.expression->needs(), sample::phase_log,
                                        read.expression->fetch_name(), piece.position)) {
      fault_ = std::move(*fault);
      return false;
    }
    if (format_.values_.size() == log_values_max)
      return fail(piece, fmt::format("more than {} samples and addresses", log_values_max));
    const bool hexadecimal = name != nullptr && piece.flags.hexadecimal;
    const bool is_number =
        hexadecimal || (name != nullptr && read.expression->output() == sample::Type::sint);
    format_.items_.push_back({.kind = piece.kind,
                              .value = static_cast<std::uint32_t>(format_.values_.size()),
                              .is_number = is_number,
                              .flags = piece.flags});
    format_.values_.push_back({std::move(*read.expression), hexadecimal});
    return true;
  }

  bool of_http_;
  const sample::Names& names_;
  LogFormat format_;
  sample::Fault fault_;
};

LogFormatRead read_log_format(std::string_view text, bool of_http, const sample::Names& names) {
  return LogFormatReader(of_http, names).read(text);
}

}  // namespace corelane::logfmt
