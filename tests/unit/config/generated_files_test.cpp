// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sample.hpp"

/// Files of the source tree that belong to the tables: the generated ones are current, the examples are
/// sound.
namespace corelane::config {
namespace {

const std::filesystem::path source_directory = CORELANE_SOURCE_DIR;

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// With CORELANE_UPDATE_GENERATED set, the file is written instead.
void check_current(const char* name, const std::string& text) {
  const std::filesystem::path path = source_directory / name;
  if (std::getenv("CORELANE_UPDATE_GENERATED") != nullptr) std::ofstream(path, std::ios::binary) << text;
  CHECK_MESSAGE(file_text(path) == text, name,
                " is not current: run this test with CORELANE_UPDATE_GENERATED=1");
}

TEST_CASE("the schema and the reference page in the source tree are current") {
  check_current("config/corelane.schema.json", schema());
  check_current("docs/configuration.md", reference_markdown());
}

TEST_CASE("the examples have no faults, no warnings, and load back from their effective form") {
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_directory / "config")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".schema.json")) continue;
    CAPTURE(name);
    const Model model = sound_model(file_text(entry.path()));
    CHECK(sound_model(dump(model)) == model);
    ++examples;
  }
  CHECK(examples >= 4);
}

}  // namespace
}  // namespace corelane::config
