// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr Field user_fields[] = {
    row::value<&User::password>("password", as_line, "",
                                "The password's hash, as crypt(3) has it: `$5$...`, `$6$...`, `$y$...`.")
        .with_note("none"),
    row::value<&User::insecure_password>("insecure_password", as_line, "",
                                         "The password itself, where a hash is not worth its time.")
        .with_note("none"),
    row::values<&User::groups>("groups", as_name, "Groups for `http_auth_group`.", {0, 256}),
};

void finish_user(DecodeContext& context, const Node& node, const std::string& path, void*, const void*) {
  const bool hashed = node.find("password") != nullptr;
  const Node* plain = node.find("insecure_password");
  if (hashed && plain != nullptr)
    context.report.error(plain->key_position, path_key(path, plain->key),
                         "one of password and insecure_password");
  if (!hashed && plain == nullptr)
    context.report.error(node.position, path, "a user needs one of the keys password and insecure_password");
}

const Section user_section{.help = "One user.", .fields = user_fields, .finish = finish_user};

constexpr Field user_list_fields[] = {
    row::named_objects<&UserList::users>("users", user_section, "The users, by name.", {1, 65536})
        .as_required(),
};

}  // namespace

const Section user_list_section{.help = "Users with their passwords, for rules that ask for them.",
                                .fields = user_list_fields};

}  // namespace corelane::config
