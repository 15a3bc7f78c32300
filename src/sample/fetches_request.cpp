// SPDX-License-Identifier: Apache-2.0
// Samples of the request line.
#include <algorithm>

#include "sample/functions.hpp"
#include "sample/numbers.hpp"

namespace corelane::sample {
namespace {

std::string_view path_of(const proto::HttpRequestHead& head) {
  if (head.form == proto::HttpTargetForm::asterisk) return {};
  return head.path_and_query.substr(0, head.path_and_query.find('?'));
}

bool set_text(std::string_view text, Sample& sample) {
  sample.set(text);
  return !text.empty();
}

/// The parameters of a target: where the next one begins, which is behind their end when none is left.
class Parameters {
 public:
  Parameters(std::string_view target, char opening) : target_(target), opening_(opening) {}

  /// Of the list's first one.
  std::size_t begin() const {
    const std::size_t at = target_.find(opening_);
    return at == std::string_view::npos ? at : at + 1;
  }

  /// The next value of that name, or of any where none is given; `at` moves behind it.
  bool next(const Argument& wanted, std::size_t& at, std::string_view& value) const {
    while (at < target_.size()) {
      const auto end = static_cast<std::size_t>(
          std::find_if(target_.begin() + static_cast<std::ptrdiff_t>(at), target_.end(),
                       [this](char c) { return c == '&' || c == ';' || c == opening_; }) -
          target_.begin());
      const std::string_view parameter = target_.substr(at, end - at);
      at = end + 1;
      const std::string_view name = wanted.given() ? wanted.text : parameter.substr(0, parameter.find('='));
      if (parameter.size() > name.size() && parameter[name.size()] == '=' && parameter.starts_with(name)) {
        value = parameter.substr(name.size() + 1);
        return true;
      }
    }
    return false;
  }

 private:
  std::string_view target_;
  char opening_;
};

/// The next value of the parameters of the argument's name, of which the first one begins at `first`.
bool set_parameter(const Parameters& parameters, std::size_t first, const Argument& wanted, Cursor& cursor,
                   Sample& sample) {
  std::size_t at = cursor.item == 0 ? first : cursor.offset;
  std::string_view value;
  if (!parameters.next(wanted, at, value)) return false;
  cursor.item = 1;
  cursor.offset = static_cast<std::uint32_t>(at);
  cursor.more = cursor.all;
  sample.set(value);
  return true;
}

}  // namespace

bool fetch_method(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.request->method_text, Type::method);
  return true;
}

bool fetch_url(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_text(input.context.request->target, sample);
}

bool fetch_path(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  return set_text(path_of(*input.context.request), sample);
}

bool fetch_pathq(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const proto::HttpRequestHead& head = *input.context.request;
  if (head.form == proto::HttpTargetForm::asterisk) return false;
  return set_text(head.path_and_query, sample);
}

bool fetch_query(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const std::string_view target = input.context.request->target;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return false;
  sample.set(target.substr(mark + 1));
  return true;
}

bool fetch_base(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const proto::HttpRequestHead& head = *input.context.request;
  const std::string_view path = path_of(head);
  if (head.host.empty()) return set_text(path, sample);
  char* text = input.arena.take(head.host.size() + path.size());
  if (text == nullptr) return false;
  std::copy(path.begin(), path.end(), std::copy(head.host.begin(), head.host.end(), text));
  sample.set(std::string_view(text, head.host.size() + path.size()));
  return true;
}

bool fetch_version(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  const Context& context = input.context;
  const proto::HttpVersion version =
      context.response != nullptr ? context.response->version : context.request->version;
  const bool older = version == proto::HttpVersion::http10;
  sample.set(older ? std::string_view("1.0") : std::string_view("1.1"));
  return true;
}

bool fetch_status(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(std::int64_t{input.context.response->status});
  return true;
}

bool fetch_first_request(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  sample.set(input.context.request_number == 1);
  return true;
}

bool fetch_url_param(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  const std::string& opening = arguments[1].text;
  const Parameters parameters(input.context.request->target, opening.empty() ? '?' : opening[0]);
  return set_parameter(parameters, parameters.begin(), arguments[0], cursor, sample);
}

bool fetch_body(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.body == nullptr) return false;
  sample.set(input.context.body->bytes(), Type::binary);
  return true;
}

bool fetch_body_len(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.body == nullptr) return false;
  sample.set(static_cast<std::int64_t>(input.context.body->bytes().size()));
  return true;
}

bool fetch_body_size(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  if (input.context.body == nullptr) return false;
  sample.set(static_cast<std::int64_t>(input.context.body->size()));
  return true;
}

bool fetch_body_param(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  if (input.context.body == nullptr) return false;
  const Parameters parameters(input.context.body->bytes(), '&');
  return set_parameter(parameters, 0, arguments[0], cursor, sample);
}

bool fetch_url_param_value(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  if (!fetch_url_param(arguments, input, cursor, sample)) return false;
  sample.set(leading_integer(sample.text));
  return true;
}

}  // namespace corelane::sample
