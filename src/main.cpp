// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "runtime/commands.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/usage.hpp"

namespace {

using corelane::runtime::ExitStatus;

/// The command line's grammar, and what it was given.
struct CommandLine {
  CLI::App app{"Corelane, a TCP load balancer: one lane per core, over io_uring.", "corelane"};
  std::function<ExitStatus()> chosen;
  std::string file;
  bool json = false;
  corelane::runtime::RunRequest run;
  corelane::runtime::DemoRequest demo;
};

CLI::App& add_command(CommandLine& line, const char* name, const char* help,
                      std::function<ExitStatus()> command) {
  CLI::App* app = line.app.add_subcommand(name, help);
  app->callback([&line, command = std::move(command)] { line.chosen = command; });
  return *app;
}

void add_run(CommandLine& line) {
  CLI::App& run = add_command(line, "run", "Serve in the foreground, by a file or by --listen and --to",
                              [&line] { return corelane::runtime::command_run(line.run); });
  run.add_option("FILE", line.run.file, "The configuration; - is standard input");
  run.add_option("--listen", line.run.listen,
                 "Where to listen, without a file: :3306 or 127.0.0.1:3306,[::1]:3306");
  run.add_option("--to", line.run.to, "The servers: db1:3306,db2:3306");
  run.add_option("--mode", line.run.mode, "What is spoken: tcp or http")->default_val("tcp");
  run.add_option("--save", line.run.save, "Also write the configuration that --listen and --to stand for");
}

void add_demo(CommandLine& line) {
  CLI::App& demo = add_command(line, "demo", "A balancer, three small servers and traffic, on loopback",
                               [&line] { return corelane::runtime::command_demo(line.demo); });
  demo.add_option("--for", line.demo.duration, "End by itself after this time: 30s");
  demo.add_option("--listen", line.demo.listen, "Where the balancer listens (a free loopback port)");
  demo.add_option("--admin", line.demo.admin, "The dashboard's address (127.0.0.1:8404 if it is free)");
}

void add_configuration_commands(CommandLine& line) {
  CLI::App& check = add_command(line, "check", "Name every fault of a configuration",
                                [&line] { return corelane::runtime::command_check(line.file, line.json); });
  check.add_option("FILE", line.file, "The configuration; - is standard input")->required();
  check.add_flag("--json", line.json, "For editors and continuous integration");
  CLI::App& dump = add_command(line, "dump", "Print the effective configuration with every default",
                               [&line] { return corelane::runtime::command_dump(line.file); });
  dump.add_option("FILE", line.file, "The configuration; - is standard input")->required();
  add_command(line, "schema", "Print the JSON Schema of the configuration",
              corelane::runtime::command_schema);
  add_command(line, "keywords", "Print every key and word of the configuration",
              corelane::runtime::command_keywords);
  add_command(line, "reference", "Print the configuration's reference page, in Markdown",
              corelane::runtime::command_reference)
      .group("");  // for those who write the manual: not in the list of commands
}

void add_system_commands(CommandLine& line) {
  CLI::App& doctor =
      add_command(line, "doctor", "Look at kernel, io_uring and limits; name what mends a shortage",
                  [&line] { return corelane::runtime::command_doctor(line.file, line.json); });
  doctor.add_option("FILE", line.file, "A configuration that shall fit");
  doctor.add_flag("--json", line.json, "For programs");
  CLI::App& version = add_command(line, "version", "Print version, libraries and kernel features in use",
                                  [&line] { return corelane::runtime::command_version(line.json); });
  version.add_flag("--json", line.json, "For programs");
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// The first word that is no option is the command.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  const std::vector<std::string> names = command_names(app);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("-")) continue;
    if (std::find(names.begin(), names.end(), word) != names.end()) return "";
    return "there is no command \"" + word + "\"" + corelane::runtime::usage_suggestion(word, names) +
           "; corelane --help lists them";
  }
  return "";
}

std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error) {
  for (const CLI::App* command : app.get_subcommands()) {
    for (const std::string& word : command->remaining()) {
      const std::string where = " for corelane " + command->get_name();
      const bool is_option = word.starts_with("-");
      return std::string(is_option ? "unknown option " : "one argument too many: ") + word + where +
             (is_option ? corelane::runtime::usage_suggestion(word, option_names(*command)) : "");
    }
  }
  return error.what();
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  line.app.footer(corelane::runtime::exit_status_help());
  line.app.require_subcommand(1);
  line.app.set_help_all_flag("--help-all", "Help on every command");
  add_run(line);
  add_configuration_commands(line);
  add_demo(line);
  add_system_commands(line);
  ExitStatus status = ExitStatus::usage;
  if (const std::string unknown = unknown_command(line.app, argc, argv); !unknown.empty()) {
    status = corelane::runtime::usage_error(unknown);
    return static_cast<int>(status);
  }
  try {
    line.app.parse(argc, argv);
    status = line.chosen();
  } catch (const CLI::Success& success) {
    return line.app.exit(success);  // --help
  } catch (const CLI::ParseError& error) {
    status = corelane::runtime::usage_error(parse_error_text(line.app, error));
  }
  return static_cast<int>(status);
}
