// SPDX-License-Identifier: Apache-2.0
// Who the client says it is.
#include <algorithm>
#include <string>

#include "proto/http_name.hpp"
#include "sample/functions.hpp"

namespace corelane::sample {
namespace {

/// "Basic dXNlcjpwYXNz" in two.
struct Authorization {
  std::string_view scheme;
  std::string_view rest;
};

bool read_authorization(const Input& input, Authorization& authorization) {
  const proto::HttpField* field = input.context.request->fields.first(proto::HttpName::authorization);
  if (field == nullptr) return false;
  const std::size_t blank = field->value.find(' ');
  if (blank == std::string_view::npos || blank == 0) return false;
  authorization.scheme = field->value.substr(0, blank);
  const std::size_t rest = field->value.find_first_not_of(' ', blank);
  authorization.rest = rest == std::string_view::npos ? std::string_view() : field->value.substr(rest);
  return true;
}

struct Credentials {
  std::string_view user;
  std::string_view password;
};

bool read_basic(const Input& input, Credentials& credentials) {
  Authorization authorization;
  if (!read_authorization(input, authorization) || !proto::http_same_name(authorization.scheme, "Basic"))
    return false;
  Sample decoded;
  decoded.set(authorization.rest);
  if (!convert_b64dec({}, input.arena, decoded)) return false;
  const std::size_t colon = decoded.text.find(':');
  if (colon == std::string_view::npos) return false;
  credentials = {decoded.text.substr(0, colon), decoded.text.substr(colon + 1)};
  return true;
}

/// Null: nobody of the list.
const std::vector<std::string>* groups_of(const Arguments& arguments, const Input& input) {
  Credentials credentials;
  if (input.context.users == nullptr || !read_basic(input, credentials)) return nullptr;
  return input.context.users->find(arguments[0].position, credentials.user, credentials.password);
}

}  // namespace

bool fetch_http_auth(const Arguments& arguments, const Input& input, Cursor&, Sample& sample) {
  sample.set(groups_of(arguments, input) != nullptr);
  return true;
}

bool fetch_http_auth_group(const Arguments& arguments, const Input& input, Cursor& cursor, Sample& sample) {
  const std::vector<std::string>* groups = groups_of(arguments, input);
  if (groups == nullptr || cursor.item >= groups->size()) return false;
  sample.set(std::string_view((*groups)[cursor.item++]));
  cursor.more = cursor.all && cursor.item < groups->size();
  return true;
}

bool fetch_http_auth_type(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  Authorization authorization;
  if (!read_authorization(input, authorization)) return false;
  sample.set(authorization.scheme);
  return true;
}

bool fetch_http_auth_user(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  Credentials credentials;
  if (!read_basic(input, credentials)) return false;
  sample.set(credentials.user);
  return true;
}

bool fetch_http_auth_pass(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  Credentials credentials;
  if (!read_basic(input, credentials)) return false;
  sample.set(credentials.password);
  return true;
}

bool fetch_http_auth_bearer(const Arguments&, const Input& input, Cursor&, Sample& sample) {
  Authorization authorization;
  if (!read_authorization(input, authorization) || !proto::http_same_name(authorization.scheme, "Bearer"))
    return false;
  sample.set(authorization.rest);
  return true;
}

}  // namespace corelane::sample
