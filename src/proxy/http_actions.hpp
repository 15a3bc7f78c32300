// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/rule_run.hpp"

/// What the rows of the table of actions point to.
namespace corelane::proxy {

ActionFunction act_allow, act_set_var, act_set_var_fmt, act_unset_var;  // actions.cpp
ActionFunction act_deny, act_return, act_redirect;                      // rule_answers.cpp
ActionFunction act_set_header, act_add_header, act_del_header;          // http_actions.cpp

}  // namespace corelane::proxy
