// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/check.hpp"

namespace corelane::sim {

namespace {
Kernel* current_kernel = nullptr;
}  // namespace

Kernel::Kernel(std::uint64_t seed, const Weather& weather, FailureHandler on_failure, bool traced)
    : random_(seed), weather_(weather), on_failure_(std::move(on_failure)), traced_(traced) {
  CORELANE_CHECK(current_kernel == nullptr);
  current_kernel = this;
  table_.resize(3);  // a program has its standard streams
}

Kernel::~Kernel() {
  current_kernel = nullptr;
}

Kernel& Kernel::current() {
  CORELANE_CHECK(current_kernel != nullptr);
  return *current_kernel;
}

void Kernel::fail(const std::string& what) {
  trace("FAILED: {}", what);
  on_failure_(what);
}

void Kernel::trace_line(const std::string& line) const {
  fmt::print(stderr, "[{:>9} us] {}\n", now_ - 1'000'000, line);
}

std::size_t Kernel::perhaps_short(std::size_t most) {
  return most > 1 && random_.chance(weather_.short_io) ? random_.size(1, most) : most;
}

void Kernel::schedule(TimeUs delay, std::function<void()> action) {
  events_.push({now_ + delay, random_.next(), std::move(action)});
}

void Kernel::run_next_event() {
  std::function<void()> action = std::move(const_cast<Event&>(events_.top()).action);
  set_clock(events_.top().at);
  events_.pop();
  action();
}

void Kernel::changed(File& file) {
  for (std::size_t i = 0; i < file.waiting.size(); ++i) file.waiting[i]->file_changed();
  if (file.on_change) file.on_change();
}

// --- Descriptors -------------------------------------------------------------------------------------------

// Numbers come back at once, as in a real process, so that a stale one soon means another file.
Descriptor Kernel::open(File& file) {
  if (descriptors_open_ >= weather_.descriptors_max) {
    ++counts_.descriptors_refused;
    return -EMFILE;
  }
  std::size_t number = 3;
  while (number < table_.size() && table_[number].file != nullptr) ++number;
  if (number == table_.size()) table_.emplace_back();
  table_[number] = {.file = &file};
  ++descriptors_open_;
  ++file.descriptors;
  return static_cast<Descriptor>(number);
}

File* Kernel::find(Descriptor descriptor, const char* use) {
  const auto number = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || number >= table_.size() || table_[number].file == nullptr) {
    fail(fmt::format("{} on descriptor {}, which is not open", use, descriptor));
    return nullptr;
  }
  if (table_[number].closing) {
    fail(fmt::format("{} on descriptor {} after it was closed", use, descriptor));
    return nullptr;
  }
  return table_[number].file;
}

File* Kernel::begin_close(Descriptor descriptor) {
  File* file = find(descriptor, "close");
  if (file == nullptr) return nullptr;
  Entry& entry = table_[static_cast<std::size_t>(descriptor)];
  if (entry.in_flight != 0) {
    fail(fmt::format("close of descriptor {} with {} operations in flight", descriptor, entry.in_flight));
    return nullptr;
  }
  entry.closing = true;
  return file;
}

void Kernel::end_close(Descriptor descriptor) {
  File& file = *std::exchange(table_[static_cast<std::size_t>(descriptor)], Entry{}).file;
  --descriptors_open_;
  if (--file.descriptors == 0) close_file(file);
}

void Kernel::close_file(File& file) {
  if (auto* socket = dynamic_cast<Socket*>(&file)) {
    close(*socket);
    if (socket->target != nullptr) socket->target->on_gone();
  } else if (auto* listener = dynamic_cast<Listener*>(&file)) {
    close_listener(*listener);
  }
}

std::string Kernel::descriptors_text() const {
  std::string text;
  for (std::size_t number = 0; number < table_.size(); ++number) {
    const File* file = table_[number].file;
    if (file == nullptr) continue;
    const char* kind = dynamic_cast<const Socket*>(file) != nullptr     ? "socket"
                       : dynamic_cast<const Listener*>(file) != nullptr ? "listener"
                                                                        : "pipe";
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", number, kind);
  }
  return text;
}

// --- Listeners ---------------------------------------------------------------------------------------------

Listener& Kernel::make_listener(const base::Endpoint& address, std::size_t backlog) {
  auto& listener = static_cast<Listener&>(*files_.emplace_back(std::make_unique<Listener>()));
  listener.address = address;
  listener.backlog = backlog;
  return listener;
}

Socket* Kernel::connect_to_listener(Listener& listener, const base::Endpoint& client) {
  if (listener.queue.size() >= listener.backlog) return nullptr;
  Socket& client_end = make_connected_pair(client, listener.address);
  listener.queue.push_back(client_end.other);
  changed(listener);
  return &client_end;
}

int Kernel::accept(Listener& listener) {
  if (random_.chance(weather_.accept_no_descriptor)) {
    ++counts_.descriptors_refused;
    return -EMFILE;
  }
  if (listener.queue.empty()) return -EAGAIN;
  if (random_.chance(weather_.accept_aborted)) {
    ++counts_.accepts_aborted;
    reset(*listener.queue.front());
    listener.queue.pop_front();
    return -ECONNABORTED;
  }
  const Descriptor descriptor = open(*listener.queue.front());
  if (descriptor < 0) return descriptor;
  listener.queue.pop_front();
  ++counts_.accepted;
  return descriptor;
}

void Kernel::close_listener(Listener& listener) {
  listener.closed = true;
  for (Socket* socket : listener.queue) reset(*socket);
  listener.queue.clear();
}

// --- Pipes -------------------------------------------------------------------------------------------------

PipeBuffer& Kernel::make_pipe(std::uint32_t capacity) {
  PipeBuffer& pipe = pipes_.emplace_back();
  pipe.capacity = capacity;
  return pipe;
}

PipeEnd& Kernel::make_pipe_end(PipeBuffer& pipe, bool writes) {
  auto& end = static_cast<PipeEnd&>(*files_.emplace_back(std::make_unique<PipeEnd>()));
  end.pipe = &pipe;
  end.writes = writes;
  return end;
}

}  // namespace corelane::sim
