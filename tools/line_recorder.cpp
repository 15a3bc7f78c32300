// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

/// Which cache lines do threads share? A program compiled with -fsanitize=thread calls a function before
/// every load and store of its own code. Linked against this library instead of the sanitizer's, those calls
/// count, per thread and cache line, reads and writes. It shows sharing exactly and without hardware
/// counters. What the kernel and libraries (memcpy, malloc) touch is not seen.
///
/// LINE_RECORDER_CONTROL names a FIFO that takes commands, LINE_RECORDER_REPORT the file for the answers: `b`
/// begins to count, `e` ends and writes one JSON line: the lines that some thread wrote and another touched,
/// and per thread how many lines it wrote.
namespace {

constexpr std::uintptr_t line_size = 64;
constexpr std::size_t slots_max = 1U << 18;  // lines per thread, power of two
constexpr std::size_t threads_max = 64;

struct Slot {
  std::uintptr_t line;
  std::uint64_t reads;
  std::uint64_t writes;
  std::uintptr_t code;  // of the first write, else of the first access
};

/// Written by its thread only; read by the recorder's thread once counting has ended.
struct ThreadTable {
  pid_t thread;
  std::size_t dropped;  // accesses to lines for which there was no slot
  Slot slots[slots_max];
};

std::atomic<bool> recording{false};             // written by the recorder's thread
std::atomic<ThreadTable*> tables[threads_max];  // each written once, by the thread that it belongs to
std::atomic<std::size_t> tables_count{0};
thread_local ThreadTable* own_table = nullptr;

ThreadTable* make_table() {
  const std::size_t place = tables_count.fetch_add(1);
  if (place >= threads_max) std::abort();
  void* memory = ::mmap(nullptr, sizeof(ThreadTable), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  auto* table = static_cast<ThreadTable*>(memory);
  table->thread = static_cast<pid_t>(::syscall(SYS_gettid));
  tables[place].store(table, std::memory_order_release);
  return table;
}

Slot* find_slot(ThreadTable& table, std::uintptr_t line) {
  std::size_t place = (line / line_size * 0x9E3779B97F4A7C15U) >> 20U;
  for (std::size_t probe = 0; probe < 64; ++probe, ++place) {
    Slot& slot = table.slots[place % slots_max];
    if (slot.line == line || slot.line == 0) return &slot;
  }
  return nullptr;
}

void record_line(std::uintptr_t line, bool write, std::uintptr_t code) {
  if (own_table == nullptr) own_table = make_table();
  Slot* slot = find_slot(*own_table, line);
  if (slot == nullptr) {
    ++own_table->dropped;
    return;
  }
  slot->line = line;
  if (slot->code == 0 || (write && slot->writes == 0)) slot->code = code;
  ++(write ? slot->writes : slot->reads);
}

void record(const volatile void* address, std::size_t size, bool write, void* code) {
  if (!recording.load(std::memory_order_relaxed) || size == 0) return;
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  for (std::uintptr_t line = first / line_size; line <= (first + size - 1) / line_size; ++line) {
    record_line(line * line_size, write, reinterpret_cast<std::uintptr_t>(code));
  }
}

struct Touch {
  const ThreadTable* table;
  const Slot* slot;
};
using Touches = std::map<std::uintptr_t, std::vector<Touch>>;

template <typename Visit>
void for_each_table(Visit visit) {
  for (std::size_t place = 0; place < std::min(tables_count.load(), threads_max); ++place) {
    if (auto* table = tables[place].load(std::memory_order_acquire)) visit(*table);
  }
}

Touches collect() {
  Touches touches;
  for_each_table([&](const ThreadTable& table) {
    for (const Slot& slot : table.slots) {
      if (slot.line != 0) touches[slot.line].push_back({&table, &slot});
    }
  });
  return touches;
}

std::string thread_name(pid_t thread) {
  char name[32] = "ended";
  if (FILE* file = std::fopen(("/proc/self/task/" + std::to_string(thread) + "/comm").c_str(), "r")) {
    if (std::fscanf(file, "%31[^\n\"\\]", name) != 1) name[0] = '\0';
    std::fclose(file);
  }
  return name;
}

/// Offset in the file that holds the code, as addr2line wants it.
std::uintptr_t code_offset(std::uintptr_t code) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(code), &info) == 0) return code;
  return code - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
}

void write_threads(FILE* report) {
  const char* separator = "";
  for_each_table([&](const ThreadTable& table) {
    const auto written = std::count_if(std::begin(table.slots), std::end(table.slots),
                                       [](const Slot& slot) { return slot.writes > 0; });
    std::fprintf(report, "%s{\"thread\": %d, \"name\": \"%s\", \"lines_written\": %td, \"dropped\": %zu}",
                 separator, table.thread, thread_name(table.thread).c_str(), written, table.dropped);
    separator = ", ";
  });
}

void write_line(FILE* report, std::uintptr_t line, const std::vector<Touch>& touches) {
  std::fprintf(report, "{\"line\": \"%#zx\", \"touches\": [", line);
  const char* separator = "";
  for (const Touch& touch : touches) {
    std::fprintf(report, "%s{\"thread\": %d, \"reads\": %llu, \"writes\": %llu, \"code\": \"%#zx\"}",
                 separator, touch.table->thread, static_cast<unsigned long long>(touch.slot->reads),
                 static_cast<unsigned long long>(touch.slot->writes), code_offset(touch.slot->code));
    separator = ", ";
  }
  std::fprintf(report, "]}");
}

void write_report(const char* path) {
  FILE* report = std::fopen(path, "a");
  if (report == nullptr) return;
  std::fprintf(report, "{\"threads\": [");
  write_threads(report);
  std::fprintf(report, "], \"shared\": [");
  const char* separator = "";
  for (const auto& [line, touches] : collect()) {
    const bool written =
        std::any_of(touches.begin(), touches.end(), [](const Touch& t) { return t.slot->writes > 0; });
    if (!written || touches.size() < 2) continue;
    std::fputs(separator, report);
    write_line(report, line, touches);
    separator = ", ";
  }
  std::fprintf(report, "]}\n");
  std::fclose(report);
}

void forget() {
  for_each_table([](ThreadTable& table) {
    table.dropped = 0;
    std::memset(table.slots, 0, sizeof table.slots);
  });
}

void* obey(void*) {
  const char* control = std::getenv("LINE_RECORDER_CONTROL");
  const char* report = std::getenv("LINE_RECORDER_REPORT");
  const int fifo = ::open(control, O_RDWR | O_CLOEXEC);
  char command = 0;
  while (fifo >= 0 && report != nullptr && ::read(fifo, &command, 1) == 1) {
    if (command == 'b') {
      forget();
      recording = true;
    } else if (command == 'e') {
      recording = false;
      ::usleep(100'000);  // a thread may be inside record()
      write_report(report);
    }
  }
  return nullptr;
}

/// The recorder's thread takes none of the program's signals.
__attribute__((constructor)) void start() {
  if (std::getenv("LINE_RECORDER_CONTROL") == nullptr) return;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  if (::pthread_create(&thread, nullptr, obey, nullptr) == 0) ::pthread_detach(thread);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

// The interface that the compiler calls (GCC and clang share it).

#define CALLER __builtin_return_address(0)

#define DEFINE_ACCESS(size)                          \
  void __tsan_read##size(void* address) {            \
    record(address, size, false, CALLER);            \
  }                                                  \
  void __tsan_write##size(void* address) {           \
    record(address, size, true, CALLER);             \
  }                                                  \
  void __tsan_unaligned_read##size(void* address) {  \
    record(address, size, false, CALLER);            \
  }                                                  \
  void __tsan_unaligned_write##size(void* address) { \
    record(address, size, true, CALLER);             \
  }

#define DEFINE_FETCH(bits, type, name)                                               \
  type __tsan_atomic##bits##_fetch_##name(volatile type* address, type value, int) { \
    record(address, sizeof(type), true, CALLER);                                     \
    return __atomic_fetch_##name(address, value, __ATOMIC_SEQ_CST);                  \
  }

#define DEFINE_EXCHANGE_IF(bits, type, kind, weak)                                                          \
  bool __tsan_atomic##bits##_compare_exchange_##kind(volatile type* address, type* expected, type value,    \
                                                     int, int) {                                            \
    record(address, sizeof(type), true, CALLER);                                                            \
    return __atomic_compare_exchange_n(address, expected, value, weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }

#define DEFINE_ATOMIC(bits, type)                                                \
  type __tsan_atomic##bits##_load(const volatile type* address, int) {           \
    record(address, sizeof(type), false, CALLER);                                \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                           \
  }                                                                              \
  void __tsan_atomic##bits##_store(volatile type* address, type value, int) {    \
    record(address, sizeof(type), true, CALLER);                                 \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                          \
  }                                                                              \
  type __tsan_atomic##bits##_exchange(volatile type* address, type value, int) { \
    record(address, sizeof(type), true, CALLER);                                 \
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);                \
  }                                                                              \
  DEFINE_FETCH(bits, type, add)                                                  \
  DEFINE_FETCH(bits, type, sub)                                                  \
  DEFINE_FETCH(bits, type, and)                                                  \
  DEFINE_FETCH(bits, type, or)                                                   \
  DEFINE_FETCH(bits, type, xor)                                                  \
  DEFINE_EXCHANGE_IF(bits, type, strong, false)                                  \
  DEFINE_EXCHANGE_IF(bits, type, weak, true)

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void** address) {
  record(address, sizeof(void*), false, CALLER);
}
void __tsan_vptr_update(void** address, void*) {
  record(address, sizeof(void*), true, CALLER);
}
void __tsan_read_range(void* address, std::size_t size) {
  record(address, size, false, CALLER);
}
void __tsan_write_range(void* address, std::size_t size) {
  record(address, size, true, CALLER);
}
void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
void __tsan_atomic_signal_fence(int) {}
DEFINE_ACCESS(1)
DEFINE_ACCESS(2)
DEFINE_ACCESS(4)
DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ATOMIC(8, std::uint8_t)
DEFINE_ATOMIC(16, std::uint16_t)
DEFINE_ATOMIC(32, std::uint32_t)
DEFINE_ATOMIC(64, std::uint64_t)
}
