// SPDX-License-Identifier: Apache-2.0
#include "check/http_expectation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace corelane::check;

namespace {

std::string fault_of(std::string_view text) {
  const auto read = HttpExpectation::read(text);
  const auto* fault = std::get_if<HttpExpectation::Fault>(&read);
  if (fault == nullptr) return "";
  return fmt::format("{} [{}] {}", fault->text, fmt::join(fault->allowed, ", "), fault->near_miss);
}

}  // namespace

TEST_CASE("expectations are kept as they were written") {
  for (const std::string text :
       {"status 200", "! status 200-299,304", "rstatus 2..", "string a  b", "!rstring [a-z]+ b", "hdr name X",
        "fhdr name -m beg X- value -m reg a|b c"}) {
    CAPTURE(text);
    const auto read = HttpExpectation::read("  " + text + " ");
    REQUIRE(std::holds_alternative<HttpExpectation>(read));
    CHECK(std::get<HttpExpectation>(read).text() == text);
  }
}

TEST_CASE("faults of expectations") {
  struct Row {
    const char* text;
    const char* fault;
  };
  for (const Row& row : {
           Row{"",
               "\"\" is not something to expect of an answer [status, rstatus, string, rstring, hdr, fhdr] "},
           Row{"!",
               "\"\" is not something to expect of an answer [status, rstatus, string, rstring, hdr, fhdr] "},
           Row{"rsting x",
               "\"rsting\" is not something to expect of an answer [status, rstatus, string, rstring, hdr, "
               "fhdr] rstring"},
           Row{"status", "\"\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 2xx",
               "\"2xx\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 99", "\"99\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 600",
               "\"600\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 300-200",
               "\"300-200\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 200,", "\"\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"status 200 204",
               "\"200 204\" is not a status or a range of them [100 to 599, 200-299, 200-299,304] "},
           Row{"string", "the text is missing [] "},
           Row{"rstring (a", "missing ): (a [] "},
           Row{"rstatus", "the regular expression is missing [] "},
           Row{"hdr X value y",
               "\"name\" is expected, found \"X\" [hdr name NAME, hdr name NAME value VALUE, hdr name -m beg "
               "NAME] "},
           Row{"hdr name", "the name is missing [] "},
           Row{"hdr name X is y", "\"value\" or nothing is expected after the name, found \"is\" [] "},
           Row{"hdr name X value", "the value is missing [] "},
           Row{"hdr name -m bge X", "\"bge\" is not a way to compare [str, beg, end, sub, reg] beg"},
           Row{"hdr name -m reg (a", "missing ): (?i:(a) [] "},
       }) {
    CAPTURE(row.text);
    CHECK(fault_of(row.text) == row.fault);
  }
  std::string many = "status 200";
  for (int i = 0; i < 32; ++i) many += ",201";
  CHECK(fault_of(many) == "more than 32 ranges [] ");
}
