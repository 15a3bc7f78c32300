// SPDX-License-Identifier: Apache-2.0
#include "sim/ring_core.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace corelane::sim {

namespace {
constexpr TimeUs turn_us_max = 20;       // what the program computes between two waits
constexpr TimeUs stall_us_max = 20'000;  // now and then it is held up
constexpr unsigned stall_permille = 1;
constexpr unsigned idle_turns_max = 300;
constexpr TimeUs gather_us_max = 50;  // completions this near may be taken together
constexpr auto garbage = std::byte{0xDD};
}  // namespace

void Operation::file_changed() {
  ring->look_soon(*this);
}

RingCore::RingCore(const io::RingOptions& options)
    : kernel_(Kernel::current()),
      options_(options),
      buffers_(options.buffer_size, options.buffers_max, options.buffers_reserved),
      buffer_uses_(options.buffers_max + options.buffers_reserved),
      offer_target_(options.buffers_offered_min),
      turned_at_(kernel_.now()) {
  features_.single_issuer = features_.defer_taskrun = true;
  features_.receive_multishot_capped = kernel_.weather().multishot_capped;
}

RingCore::~RingCore() {
  if (in_flight_ != 0)
    kernel_.fail(fmt::format("the ring was destroyed with {} operations in flight", in_flight_));
  flush();
  kernel_.attention -= posted_.size() + (woken_ ? 1U : 0U);
  for (const auto& [op, operation] : current_) {
    if (std::exchange(operation->done, true)) continue;
    std::erase(operation->file->waiting, operation);
  }
  for (const std::uint32_t slot : offered_) buffers_.give_back(slot);
  offered_.clear();
  notice_returned_buffers();
  if (leased_ != 0) kernel_.fail(fmt::format("the ring was destroyed with {} buffers leased", leased_));
}

// --- Submitting --------------------------------------------------------------------------------------------

Operation& RingCore::prepare(io::Op& op, Operation::Kind kind, Descriptor descriptor, File* file) {
  op.submitted();
  auto owned = std::make_unique<Operation>();
  Operation& operation = *owned;
  kernel_.keep(std::move(owned));
  operation.ring = this;
  operation.op = &op;
  operation.kind = kind;
  operation.descriptor = descriptor;
  operation.file = file;
  ++kernel_.counts().operations;
  kernel_.operation_begins(descriptor);
  ++in_flight_;
  if (kind == Operation::Kind::receive && ++file->receiving > 1) {
    kernel_.fail(fmt::format("two receives in flight on descriptor {}", descriptor));
  }
  if (kind == Operation::Kind::send && ++file->sending > 1) {
    kernel_.fail(fmt::format("two sends in flight on descriptor {}", descriptor));
  }
  current_[&op] = &operation;
  queue({.kind = Submission::Kind::operation, .operation = &operation});
  return operation;
}

/// The program waits until there is something to read from the socket.
void RingCore::note_reading(const Operation& operation, bool reads) {
  const bool polls =
      operation.kind == Operation::Kind::poll && operation.readiness != io::Readiness::writable;
  if (operation.kind != Operation::Kind::receive && !polls) return;
  if (auto* socket = dynamic_cast<Socket*>(operation.file)) socket->seen.read.set(reads, kernel_.now());
}

void RingCore::accept(io::Op& op, Descriptor descriptor, bool multishot) {
  auto* listener = kernel_.find_as<Listener>(descriptor, "accept");
  if (listener == nullptr) return;
  prepare(op, Operation::Kind::accept, descriptor, listener).multishot = multishot;
}

void RingCore::connect(io::Op& op, Descriptor descriptor, const io::SocketAddress& address) {
  auto* socket = kernel_.find_as<Socket>(descriptor, "connect");
  if (socket == nullptr) return;
  if (socket->other != nullptr || socket->connecting)
    kernel_.fail("connect of a socket that was connected before");
  socket->connecting = true;
  prepare(op, Operation::Kind::connect, descriptor, socket).address = address;
}

void RingCore::receive(io::Op& op, Descriptor descriptor, std::uint32_t bytes_cap) {
  auto* socket = kernel_.find_as<Socket>(descriptor, "receive");
  if (socket == nullptr) return;
  Operation& operation = prepare(op, Operation::Kind::receive, descriptor, socket);
  operation.bytes_cap = bytes_cap;
  operation.multishot = features_.receive_multishot_capped;
  note_reading(operation, true);
}

void RingCore::send(io::Op& op, Descriptor descriptor, std::span<const std::byte> bytes) {
  auto* socket = kernel_.find_as<Socket>(descriptor, "send");
  if (socket == nullptr) return;
  if (bytes.empty()) kernel_.fail(fmt::format("send of nothing on descriptor {}", descriptor));
  Operation& operation = prepare(op, Operation::Kind::send, descriptor, socket);
  socket->seen.sends.push_back({.taken = socket->seen.taken, .told = socket->seen.told, .at = kernel_.now()});
  operation.bytes = bytes;
  operation.bytes_then.assign(bytes.begin(), bytes.end());
  if (!holds(bytes, operation.lease_generation)) kernel_.fail("send from a buffer that is not leased");
}

void RingCore::poll(io::Op& op, Descriptor descriptor, io::Readiness readiness) {
  File* file = kernel_.find(descriptor, "poll");
  if (file == nullptr) return;
  Operation& operation = prepare(op, Operation::Kind::poll, descriptor, file);
  operation.readiness = readiness;
  note_reading(operation, true);
}

void RingCore::cancel(io::Op& op) {
  if (!op.in_flight || op.cancelling) return;
  op.cancelling = true;
  if (auto* socket = dynamic_cast<Socket*>(current_.at(&op)->file)) socket->seen.given_up_at = kernel_.now();
  queue({.kind = Submission::Kind::cancel, .op = &op});
}

void RingCore::close(Descriptor descriptor) {
  if (kernel_.begin_close(descriptor) == nullptr) return;
  queue({.kind = Submission::Kind::close, .descriptor = descriptor});
}

void RingCore::on_wake(void (*handler)(void*), void* owner) {
  wake_handler_ = handler;
  wake_owner_ = owner;
}

void RingCore::wake() noexcept {
  if (std::exchange(woken_, true)) return;
  ++kernel_.attention;
}

void RingCore::queue(const Submission& submission) {
  if (submissions_.size() >= options_.submission_entries ||
      kernel_.random().chance(kernel_.weather().early_submit)) {
    ++counters_.submission_queue_full;
    flush();
  }
  submissions_.push_back(submission);
}

void RingCore::flush() {
  notice_returned_buffers();
  std::vector<Submission> batch;
  batch.swap(submissions_);
  for (const Submission& submission : batch) {
    switch (submission.kind) {
      case Submission::Kind::operation:
        start(*submission.operation);
        break;
      case Submission::Kind::cancel:
        // Finds no operation whose last completion is queued already, nor one that was submitted since.
        if (Operation& operation = *current_.at(submission.op); operation.started && !operation.done)
          start_cancel(operation);
        break;
      case Submission::Kind::close:
        kernel_.trace("close({})", submission.descriptor);
        kernel_.end_close(submission.descriptor);
        break;
    }
  }
}

// --- Waiting -----------------------------------------------------------------------------------------------

void RingCore::submit_and_wait(TimeUs wait_us) {
  Random& random = kernel_.random();
  notice_returned_buffers();
  kernel_.pass_time(random.between(0, turn_us_max));
  if (random.chance(stall_permille)) kernel_.pass_time(random.between(0, stall_us_max));
  const TimeUs began = kernel_.now();
  kernel_.counts().late_us_max = std::max(kernel_.counts().late_us_max, began - turned_at_);
  const std::size_t events_before = events_run_;
  notice_returned_buffers();
  offer_buffers();
  flush();
  ++counters_.submit_calls;
  const TimeUs deadline =
      wait_us == base::time_never ? wait_us : kernel_.now() + std::max<TimeUs>(wait_us, 0);
  while (kernel_.next_event() <= kernel_.now()) {
    kernel_.run_next_event();
    ++events_run_;
  }
  wait_for_completions(deadline);
  turned_at_ = kernel_.now();
  if (posted_.size() > options_.completion_entries) ++counters_.completion_overflows;
  watch_for_spinning(began, events_run_ - events_before);
}

void RingCore::wait_for_completions(TimeUs deadline) {
  while (kernel_.attention == 0) {
    const TimeUs next = kernel_.next_event();
    if (next > deadline || next == base::time_never) {
      if (deadline == base::time_never) {
        kernel_.fail("the program waits for ever");
        return;
      }
      kernel_.set_clock(deadline);
      return;
    }
    kernel_.run_next_event();
    ++events_run_;
  }
  const TimeUs until = std::min(deadline, kernel_.now() + gather_us_max);
  while (kernel_.random().chance(500) && kernel_.next_event() <= until) {
    kernel_.run_next_event();
    ++events_run_;
  }
}

// A turn in which nothing happened and no time passed is one too many when it comes again and again.
void RingCore::watch_for_spinning(TimeUs began, std::size_t events_run) {
  const bool idle = posted_.empty() && events_run == 0 && kernel_.now() - began < 1000;
  idle_turns_ = idle ? idle_turns_ + 1 : 0;
  if (idle_turns_ > idle_turns_max) kernel_.fail("the program spins without anything to do");
}

unsigned RingCore::dispatch(unsigned completions_max) {
  if (woken_) {
    woken_ = false;
    --kernel_.attention;
    ++counters_.completions;
    if (wake_handler_ != nullptr) wake_handler_(wake_owner_);
  }
  if (posted_.size() > 1 && kernel_.random().chance(kernel_.weather().dispatch_partial)) {
    completions_max =
        std::min(completions_max, kernel_.random().number(1, static_cast<std::uint32_t>(posted_.size())));
  }
  unsigned done = 0;
  for (; done < completions_max && !posted_.empty(); ++done) {
    const Posted posted = posted_.front();
    posted_.pop_front();
    --kernel_.attention;
    complete(posted);
  }
  return done;
}

void RingCore::complete(const Posted& posted) {
  ++counters_.completions;
  Operation& operation = *posted.operation;
  if (!posted.more) {
    --in_flight_;
    kernel_.operation_ends(operation.descriptor);
    operation.file->receiving -= operation.kind == Operation::Kind::receive;
    operation.file->sending -= operation.kind == Operation::Kind::send;
    note_reading(operation, false);
  }
  io::Completion completion;
  completion.result = posted.result;
  completion.more = posted.more;
  if (posted.slot != io::BufferPool::none) {
    completion.lease =
        io::BufferLease(&buffers_, posted.slot, static_cast<std::uint32_t>(std::max(posted.result, 0)));
    buffer_uses_[posted.slot].source->seen.hold(1, kernel_.now());
  }
  note_what_is_told(posted);
  operation.op->complete(completion);
}

void RingCore::note_what_is_told(const Posted& posted) {
  const Operation& operation = *posted.operation;
  const bool receives = operation.kind == Operation::Kind::receive;
  if (!receives && operation.kind != Operation::Kind::send) return;
  ProgramView& seen = static_cast<Socket&>(*operation.file).seen;
  if (posted.result > 0) (receives ? seen.said_at : seen.took_at).push_back(kernel_.now());
  if (posted.result > 0 && !receives) seen.taken += static_cast<std::uint64_t>(posted.result);
  if (receives) {
    seen.read_answered(posted.result, kernel_.now());
  } else {
    seen.send_answered(posted.result, kernel_.now());
  }
}

// --- Buffers -----------------------------------------------------------------------------------------------

void RingCore::fill_with_garbage(std::uint32_t slot) {
  std::memset(buffers_.memory(slot), static_cast<int>(garbage), buffers_.buffer_size());
}

void RingCore::offer_buffers() {
  while (offered_.size() < offer_target_) {
    const std::uint32_t slot = buffers_.take();
    if (slot == io::BufferPool::none) return;
    buffer_uses_[slot].use = Use::offered;
    offered_.push_back(slot);
  }
}

// The pool does not say which buffers came back, so every free one is taken out for a moment; those that were
// leased are overwritten, so that whoever still reads them shows.
void RingCore::notice_returned_buffers() {
  const auto offered = static_cast<std::uint32_t>(offered_.size());
  if (buffers_.in_use() == offered + leased_) return;
  leased_ = buffers_.in_use() - offered;
  std::vector<std::uint32_t> taken;
  for (std::uint32_t slot = buffers_.take_reserved(); slot != io::BufferPool::none;
       slot = buffers_.take_reserved())
    taken.push_back(slot);
  std::reverse(taken.begin(), taken.end());
  for (const std::uint32_t slot : taken) {
    BufferUse& use = buffer_uses_[slot];
    if (std::exchange(use.use, Use::free) == Use::leased) {
      fill_with_garbage(slot);
      if (use.source == nullptr) {
        buffers_.give_back(slot);
        continue;
      }
      --use.source->seen.leases;
      use.source->seen.hold(-1, kernel_.now());
    }
    buffers_.give_back(slot);
  }
}

// Whether the bytes, if they stand in the pool, stand in a leased buffer; `generation` tells this lease from
// later ones.
bool RingCore::holds(std::span<const std::byte> bytes, std::uint64_t& generation) {
  notice_returned_buffers();
  const std::byte* first = buffers_.memory(0);
  const std::byte* last = first + std::size_t{buffers_.buffer_size()} * buffer_uses_.size();
  if (bytes.data() < first || bytes.data() >= last) return true;
  const auto offset = static_cast<std::size_t>(bytes.data() - first);
  const BufferUse& use = buffer_uses_[offset / buffers_.buffer_size()];
  generation = use.generation;
  return use.use == Use::leased && offset % buffers_.buffer_size() + bytes.size() <= buffers_.buffer_size();
}

}  // namespace corelane::sim
