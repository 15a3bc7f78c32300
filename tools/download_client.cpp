// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <atomic>
#include <thread>

#include "net.hpp"

/// Downloads one file over HTTP/1.0 on several connections at once, counts the bytes and throws them away.
namespace corelane::tools {
namespace {

struct Options {
  std::string from;
  std::string path = "/";
  std::uint64_t size = 0;
  std::uint32_t streams = 4;
  std::uint32_t repeat = 1;
  unsigned seconds = 60;
};

/// Where the body begins in `head`, or 0 when this is no complete head of a 200 answer.
std::size_t body_offset(std::string_view head) {
  if (head.size() < 12 || head.substr(0, 7) != "HTTP/1." || head.substr(8, 4) != " 200") return 0;
  const auto end = head.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

/// Bytes of the body, or 0 when the answer was not a 200.
std::uint64_t download(const Options& options, std::vector<char>& buffer) {
  const auto address = parse_address(options.from);
  Fd fd = make_socket();
  if (::connect(fd.get(), as_sockaddr(address), sizeof address) != 0) die_errno("connect " + options.from);
  if (!send_all(fd, "GET " + options.path + " HTTP/1.0\r\nHost: bench\r\n\r\n")) return 0;
  std::size_t filled = 0;
  std::size_t offset = 0;
  while (offset == 0) {
    const ssize_t got = ::recv(fd.get(), buffer.data() + filled, buffer.size() - filled, 0);
    if (got <= 0) return 0;
    filled += static_cast<std::size_t>(got);
    offset = body_offset({buffer.data(), filled});
  }
  std::uint64_t bytes = filled - offset;
  while (true) {
    const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes += static_cast<std::uint64_t>(got);
  }
}

int run(const Options& options) {
  std::atomic<std::uint64_t> total = 0;  // written by every stream
  std::atomic<std::uint32_t> failed = 0;
  const auto stream = [&] {
    std::vector<char> buffer(256 * 1024);
    for (std::uint32_t round = 0; round < options.repeat; ++round) {
      const std::uint64_t bytes = download(options, buffer);
      total += bytes;
      if (bytes != options.size) ++failed;
    }
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::uint32_t index = 0; index < options.streams; ++index) threads.emplace_back(stream);
  for (auto& thread : threads) thread.join();
  std::printf("{\"bytes\": %llu, \"failed\": %u, \"seconds\": %.6f}\n",
              static_cast<unsigned long long>(total.load()), failed.load(), seconds_since(start));
  return failed.load() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace corelane::tools

int main(int argc, char** argv) {
  corelane::tools::Options options;
  CLI::App app{"Downloads a file on several connections at once and discards it; prints a JSON line."};
  app.add_option("--from", options.from, "ADDRESS:PORT")->required();
  app.add_option("--path", options.path, "path of the file");
  app.add_option("--size", options.size, "bytes that each download must bring")->required();
  app.add_option("--streams", options.streams, "downloads at a time")->check(CLI::Range(1, 64));
  app.add_option("--repeat", options.repeat, "downloads by each stream")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.seconds, "time limit")->check(CLI::Range(1, 600));
  CLI11_PARSE(app, argc, argv);
  corelane::tools::limit_run_time(options.seconds);
  return corelane::tools::run(options);
}
