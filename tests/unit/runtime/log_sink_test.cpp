// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_sink.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace corelane::runtime;
using corelane::logfmt::SyslogSeverity;

namespace {

/// A folder of this test's own, removed with its content.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "corelane-log-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void add(LogSink& sink, std::string_view line) {
  sink.add(SyslogSeverity::info, line, {});
}

}  // namespace

TEST_CASE("lines go to a file together, behind what it holds") {
  const Folder folder;
  std::ofstream(folder / "a.log") << "before\n";
  int failure = 0;
  const auto sink = StreamLogSink::file(folder / "a.log", failure);
  REQUIRE(sink != nullptr);
  add(*sink, "one");
  add(*sink, "two");
  CHECK(sink->pending());
  CHECK(content(folder / "a.log") == "before\n");
  sink->flush();
  CHECK_FALSE(sink->pending());
  CHECK(content(folder / "a.log") == "before\none\ntwo\n");
  CHECK(sink->lines() == 2);
  CHECK(sink->dropped() == 0);
}

TEST_CASE("a file that was moved away is let go by reopening") {
  const Folder folder;
  int failure = 0;
  const auto sink = StreamLogSink::file(folder / "a.log", failure);
  REQUIRE(sink != nullptr);
  add(*sink, "one");
  std::filesystem::rename(folder / "a.log", folder / "a.old");
  sink->reopen();
  add(*sink, "two");
  sink->flush();
  CHECK(content(folder / "a.old") == "one\n");
  CHECK(content(folder / "a.log") == "two\n");
}

TEST_CASE("reopening goes on with the old file where there can be no new one") {
  const Folder folder;
  std::filesystem::create_directory(folder / "logs");
  int failure = 0;
  const auto sink = StreamLogSink::file((folder / "logs") / "a.log", failure);
  REQUIRE(sink != nullptr);
  std::filesystem::rename(folder / "logs", folder / "moved");
  sink->reopen();
  add(*sink, "one");
  sink->flush();
  CHECK(content((folder / "moved") / "a.log") == "one\n");
}

TEST_CASE("what a full disk refuses is counted") {
  int failure = 0;
  const auto sink = StreamLogSink::file("/dev/full", failure);
  REQUIRE(sink != nullptr);
  for (int i = 0; i < 3; ++i) add(*sink, "line");
  sink->flush();
  CHECK_FALSE(sink->pending());
  CHECK(sink->lines() == 3);
  CHECK(sink->dropped() == 3);
}

TEST_CASE("a file in no folder cannot be opened") {
  const Folder folder;
  int failure = 0;
  CHECK(StreamLogSink::file((folder / "none") / "a.log", failure) == nullptr);
  CHECK(failure == ENOENT);
}

TEST_CASE("a target gets the lines that it wants, in its form") {
  struct Row {
    LogPolicy policy;
    const char* expected;
  };
  using corelane::logfmt::SyslogForm;
  const std::vector<SyslogSeverity> severities{SyslogSeverity::error, SyslogSeverity::info,
                                               SyslogSeverity::alert, SyslogSeverity::warning};
  for (const Row& row : {
           Row{{}, "line 0\nline 1\nline 2\nline 3\n"},
           Row{{.level = SyslogSeverity::error}, "line 0\nline 2\n"},
           Row{{.form = SyslogForm::brief}, "<3>line 0\n<6>line 1\n<1>line 2\n<4>line 3\n"},
           Row{{.form = SyslogForm::brief, .min_level = SyslogSeverity::error},
               "<3>line 0\n<6>line 1\n<3>line 2\n<4>line 3\n"},
           Row{{.form = SyslogForm::brief, .length = 5}, "<3>li\n<6>li\n<1>li\n<4>li\n"},
           Row{{.sample = {.ranges = {{2, 2}}, .size = 2}}, "line 1\nline 3\n"},
           // What the level leaves out is not counted.
           Row{{.level = SyslogSeverity::warning, .sample = {.ranges = {{1, 1}}, .size = 2}},
               "line 0\nline 3\n"},
       }) {
    const Folder folder;
    int failure = 0;
    const auto sink = StreamLogSink::file(folder / "a.log", failure);
    REQUIRE(sink != nullptr);
    sink->set_policy(row.policy);
    for (std::size_t i = 0; i < severities.size(); ++i)
      sink->add(severities[i], fmt::format("line {}", i), {});
    sink->flush();
    CHECK(content(folder / "a.log") == row.expected);
  }
}

TEST_CASE("a syslog daemon that is not there costs counted lines") {
  const Folder folder;
  int failure = 0;
  const auto address = corelane::io::SocketAddress::from_unix_path((folder / "socket").string());
  const auto sink = SyslogSink::open(address, failure);
  REQUIRE(sink != nullptr);
  add(*sink, "line");
  sink->flush();
  CHECK_FALSE(sink->pending());
  CHECK(sink->dropped() == 1);
}
