// SPDX-License-Identifier: Apache-2.0
#include "runtime/usage.hpp"

#include <doctest/doctest.h>

#include "runtime/exit_status.hpp"
#include "runtime/notices.hpp"

using namespace corelane::runtime;

TEST_CASE("a word that is nearly a command") {
  CHECK(usage_suggestion("chekc", {"run", "check", "dump"}) == "; did you mean \"check\"?");
  CHECK(usage_suggestion("--jsn", {"--json", "--help"}) == "; did you mean \"--json\"?");
  CHECK(usage_suggestion("benchmark", {"run", "check", "dump"}).empty());
}

TEST_CASE("the help on exit statuses names every one") {
  const std::string help = exit_status_help();
  for (const ExitStatusRow& row : exit_status_rows) {
    CHECK(help.find(std::to_string(static_cast<int>(row.status)) + "  " + std::string(row.meaning)) !=
          std::string::npos);
  }
}

TEST_CASE("a notice for a person and for a program") {
  CHECK(notice_text(OutputForm::text, "drain", "draining") == "corelane: draining\n");
  CHECK(notice_text(OutputForm::json, "drain", "say \"no\"") ==
        "{\"event\":\"drain\",\"message\":\"say \\\"no\\\"\"}\n");
  CHECK_NOTHROW(notice_text(OutputForm::json, "x", "\xff"));
}
