// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/rule_run.hpp"

/// What the rows of the table of actions point to.
namespace corelane::proxy {

ActionFunction act_allow, act_capture, act_wait_for_body, act_wait_for_handshake, act_pause, act_set_var,
    act_set_var_fmt, act_unset_var, act_strict_mode;            // actions.cpp
ActionFunction act_set_timeout, act_set_log_level, act_do_log;  // actions.cpp
ActionFunction act_normalize_uri;                               // uri_actions.cpp
ActionFunction act_tarpit, act_auth;
ActionFunction act_deny, act_return, act_redirect, act_early_hint;  // rule_answers.cpp
ActionFunction act_set_header, act_add_header, act_del_header;      // http_actions.cpp
ActionFunction act_replace_header, act_replace_value, act_set_status;
ActionFunction act_set_method, act_set_uri, act_set_path, act_set_pathq, act_set_query;  // uri_actions.cpp
ActionFunction act_replace_uri, act_replace_path, act_replace_pathq;
ActionFunction act_track, act_sc_inc_gpc0, act_sc_inc_gpc1, act_sc_inc_gpc, act_sc_add_gpc, act_sc_set_gpt0,
    act_sc_set_gpt;  // stick_actions.cpp
ActionFunction act_reject, act_close, act_silent_drop, act_expect_proxy, act_set_src, act_set_src_port,
    act_set_dst, act_set_dst_port, act_set_mark, act_set_tos, act_set_priority;  // connection_actions.cpp
ActionFunction act_put_entry, act_remove_entry;                                  // pattern_actions.cpp

}  // namespace corelane::proxy
