// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config/frontend_logs.hpp"
#include "config/frontend_rules.hpp"
#include "sample.hpp"

/// What the file says about log lines.
namespace corelane::config {
namespace {

std::string file_of(std::string_view mode, std::string_view frontend, std::string_view defaults = "") {
  return R"({"defaults": {"mode": ")" + std::string(mode) + '"' + std::string(defaults) +
         R"(}, "frontends": {"f": {"bind": [{"address": ":80"}],
)" + std::string(frontend) +
         R"("default_backend": "app"}},
"backends": {"app": {"servers": [{"name": "s1", "address": "127.0.0.1:81"}]}}})";
}

std::string format_of(std::string_view mode, std::string_view frontend, std::string_view defaults = "") {
  return sound_model(file_of(mode, frontend, defaults)).frontends[0].log_format;
}

TEST_CASE("forms of log lines") {
  CHECK(format_of("tcp", "") == "tcp");
  CHECK(format_of("http", "") == "http");
  CHECK(format_of("http", R"("log_format": "clf", )") == "clf");
  CHECK(format_of("tcp", R"("log_format": "%ci", )") == "%ci");
  CHECK(format_of("tcp", "", R"(, "log_format": "%ci")") == "%ci");
  CHECK(format_of("http", "", R"(, "log_format": "%ci %r")") == "%ci %r");
  CHECK(format_of("http", R"("log_format": "json", )", R"(, "log_format": "%ci %r")") == "json");
}

TEST_CASE("a form that another mode has is not handed down") {
  const std::string file =
      R"({"defaults": {"log_format": "%r", "error_log_format": "%ST %tsc"},
"frontends": {"web": {"mode": "http", "bind": [{"address": ":80"}], "default_backend": "web"},
"sql": {"bind": [{"address": ":81"}], "default_backend": "sql"}},
"backends": {"web": {"mode": "http", "servers": [{"name": "s", "address": "127.0.0.1:82"}]},
"sql": {"servers": [{"name": "s", "address": "127.0.0.1:83"}]}}})";
  const Model model = sound_model(file);
  CHECK(model.frontends[0].log_format == "%r");
  CHECK(model.frontends[0].error_log_format == "%ST %tsc");
  CHECK(model.frontends[1].log_format == "tcp");
  CHECK(model.frontends[1].error_log_format.empty());
}

TEST_CASE("a record is written in the form that is meant for it") {
  const Model model =
      sound_model(file_of("tcp", R"("log_format": "%ci", "error_log_format": "%ci %[dst]", )"));
  const auto refuse = [](std::string_view, const sample::Fault& fault) { FAIL(fault.message); };
  const FrontendLogs logs =
      compile_logs(model.frontends[0], names_of(model.frontends, model.backends), refuse);
  CHECK(logs.looks_up_values());
  logfmt::ConnectionRecord record;
  record.reason = logfmt::EndReason::completed;
  CHECK(logs.form_of(record) == &*logs.line);
  record.reason = logfmt::EndReason::proxy_header_timeout;
  CHECK(logs.form_of(record) == &*logs.error_line);
}

TEST_CASE("faults of forms stand where they are in the file") {
  struct Row {
    std::string_view mode;
    std::string_view frontend;
    std::string_view defaults;
    std::string_view fault;
  };
  for (const Row& row : {
           Row{"http", R"("log_format": "htpt", )", "",
               "f:2:15: error: frontends.f.log_format: \"htpt\" is not a known log_format; allowed: tcp, "
               "json, "
               "http, clf, a text with %NAMEs; did you mean \"http\"?\n"},
           Row{"http", R"("log_format": "%ci %xx", )", "",
               "f:2:21: error: frontends.f.log_format: \"%xx\" is not known\n"},
           Row{"http", R"("log_format": "%ci %hostname", )", "",
               "f:2:21: error: frontends.f.log_format: \"%hostname\" is not known\n"},
           Row{"http", R"("error_log_format": "%[pathh]", )", "",
               "f:2:24: error: frontends.f.error_log_format: \"pathh\" is not a known sample fetch; did you "
               "mean "
               "\"path\"?\n"},
           Row{"http", R"("log_format": "%[hdr(host)]", )", "",
               "f:2:18: error: frontends.f.log_format: hdr needs the head of an HTTP message, which is not "
               "there "
               "when a log line is written\n"},
           Row{"tcp", R"("log_format": "%ci %r", )", "",
               "f:2:21: error: frontends.f.log_format: \"%r\" is about HTTP requests and needs mode http\n"},
           Row{"tcp", R"("log_format": "clf", )", "",
               "f:2:15: error: frontends.f.log_format: http log lines need mode http; allowed: tcp, json\n"},
           Row{"http", "", R"(, "log_format": "%ci %xx")",
               "f:1:51: error: defaults.log_format: \"%xx\" is not known\n"},
       }) {
    CHECK(faults_of(file_of(row.mode, row.frontend, row.defaults)) == row.fault);
  }
}

}  // namespace
}  // namespace corelane::config
