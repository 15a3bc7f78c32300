// SPDX-License-Identifier: Apache-2.0
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

constexpr Field admin_fields[] = {
    row::values<&Admin::bind>("bind", as_admin_address,
                              "Where statistics and the admin endpoints are served.", {0, 16}),
};
constexpr Section admin_section{.help = "The admin endpoints.", .fields = admin_fields};

constexpr Field tune_fields[] = {
    row::value<&Tune::buffer_size>("buffer_size", as_size, "16k", "Size of one receive buffer.", {kib, mib}),
    row::value<&Tune::buffers_max>("buffers_max", as_count, "0",
                                   "Receive buffers of one lane. 0: derived from max_connections.",
                                   {0, 32768}),
    row::value<&Tune::pipes_max>(
        "pipes_max", as_count, "256",
        "Pipes of one lane that busy connections are spliced through. 0: no splicing.", {0, 65536}),
    row::value<&Tune::pipe_size>("pipe_size", as_size, "1m", "Size of one pipe.", {4 * kib, 64 * mib}),
    row::value<&Tune::tls_session_cache>(
        "tls_session_cache", as_count, "20000",
        "Sessions of TLS clients that know no tickets, in places of 256 bytes that all binds and lanes "
        "share; "
        "one with a client's certificate takes several. The oldest make room. 0: none are kept.",
        {0, 1'000'000}),
    row::object<&Tune::http>("http", http_limits_section, "What one message of mode http may have."),
};
constexpr Section tune_section{.help = "Sizes that hardly ever need to change.", .fields = tune_fields};

constexpr Field global_fields[] = {
    row::value<&Global::reactors>("reactors", as_count_or_auto, "auto",
                                  "Lanes. auto: one for each CPU the process may use.", {1, 1024}),
    row::value<&Global::pin>("pin", as_boolean, "true", "Keeps each lane on a CPU of its own."),
    row::value<&Global::even_lanes>(
        "even_lanes", as_boolean, "true",
        "Hands a new connection to a lane with fewer, where the kernel's spreading "
        "left one clearly ahead."),
    row::value<&Global::max_connections>("max_connections", as_count, "0",
                                         "Connections of the whole process; more wait in the kernel. 0: as "
                                         "many as the descriptor limit allows.",
                                         {0, row::connections_max}),
    row::value<&Global::drain_timeout_ms>(
        "drain_timeout", as_duration, "30s",
        "How long connections may go on after the signal to stop. 0: for ever.", row::time_out_bounds),
    row::objects<&Global::log>("log", log_section, "Where log lines go. Without an entry none are written.",
                               {0, 16}),
    row::value<&Global::log_tag>("log_tag", as_token, "corelane", "Who speaks, in syslog's words."),
    row::value<&Global::log_send_hostname>(
        "log_send_hostname", as_token, "",
        "The hostname in lines of the formats rfc3164 and rfc5424; auto: the system's.")
        .with_note("none"),
    row::object<&Global::admin>("admin", admin_section, "The admin endpoints. Without bind there are none."),
    row::object<&Global::tune>("tune", tune_section, "Sizes that hardly ever need to change."),
};

constexpr Condition keep_alive_only{
    "enabled", [](const void* object) { return static_cast<const KeepAlive*>(object)->enabled; },
    "enabled is true"};

constexpr Field keep_alive_fields[] = {
    row::value<&KeepAlive::enabled>("enabled", as_boolean, "false", "Switches keep-alive on."),
    row::value<&KeepAlive::idle_ms>("idle", as_whole_seconds, "", "Silence before the first question.",
                                    {row::second_ms, 32767 * row::second_ms})
        .with_note("the system's value")
        .only_if(keep_alive_only),
    row::value<&KeepAlive::interval_ms>("interval", as_whole_seconds, "", "Time between questions.",
                                        {row::second_ms, 32767 * row::second_ms})
        .with_note("the system's value")
        .only_if(keep_alive_only),
    row::value<&KeepAlive::count>("count", as_count, "", "Unanswered questions after which the peer is gone.",
                                  {1, 127})
        .with_note("the system's value")
        .only_if(keep_alive_only),
};

constexpr Field document_fields[] = {
    row::whole<Document>("$schema", TypeFor<Document>{&schema_reference_type}, "",
                         "Names the JSON Schema, for editors that complete and check with it.")
        .as_input_only(),
    row::object<&Document::global>("global", global_section, "What concerns the whole process."),
    row::object<&Document::defaults>("defaults", defaults_section,
                                     "What frontends and backends take over where they say nothing.")
        .as_input_only(),
    row::named_objects<&Document::frontends>(
        "frontends", frontend_section, "Where clients connect: an object with a name for each.", {1, 1024})
        .as_required(),
    row::named_objects<&Document::backends>("backends", backend_section,
                                            "Groups of servers: an object with a name for each.", {1, 4096})
        .as_required(),
    row::named_objects<&Document::user_lists>(
        "userlists", user_list_section, "Users that rules ask for a password: `http_auth(NAME)`.", {0, 256}),
    row::named_objects<&Document::errors>(
        "errors", error_group_section,
        "Groups of error pages that frontends and backends refer to: an object with a name for each.",
        {0, 1024}),
};

}  // namespace

const Section document_section{.help = "The outermost object.", .fields = document_fields};
const Section global_section{.help = "What concerns the whole process.", .fields = global_fields};
const Section keep_alive_section{
    .help = "TCP keep-alive: the kernel asks a silent peer whether it is still there.",
    .fields = keep_alive_fields};

}  // namespace corelane::config
