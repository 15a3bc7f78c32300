// SPDX-License-Identifier: Apache-2.0
#include "io/ring.hpp"

#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "base/tsan.hpp"
#include "io/kernel_features.hpp"

namespace corelane::io {

namespace {

// user_data: the address of an Op, or one of these, which no address equals.
constexpr std::uint64_t tag_ignored = 0;    // closes and cancels: nobody waits for their answer
constexpr std::uint64_t tag_wake = 1;       // a message from another ring
constexpr std::uint64_t tag_wake_poll = 2;  // the eventfd of threads without a ring
constexpr std::uint64_t tag_wake_failed_bit =
    4;  // | address of the ring that a message could not be posted to

/// The completion is none of an operation's.
bool is_tagged(std::uint64_t user_data) {
  return user_data <= tag_wake_poll || (user_data & tag_wake_failed_bit) != 0;
}

constexpr int buffer_group = 0;
constexpr unsigned completions_per_peek = 64;
// So many completions before its turn an operation is fetched into the cache, and then what its handler will
// touch, in two steps: with hundreds of busy connections nothing of theirs is there any more.
constexpr unsigned ahead_of_operation = 6;
constexpr unsigned ahead_of_handler = 4;
constexpr unsigned just_ahead_of_handler = 2;
// So many turns in which half of the offered buffers stayed untouched halve the offer.
constexpr std::uint32_t offer_shrink_turns = 4096;

unsigned poll_mask_of(Readiness readiness) {
  switch (readiness) {
    case Readiness::readable:
      return POLLIN | POLLRDHUP;
    case Readiness::writable:
      return POLLOUT;
    case Readiness::ended:
      break;
  }
  return POLLRDHUP;
}

}  // namespace

struct Ring::State {
  explicit State(const RingOptions& options_in)
      : options(options_in),
        buffers(options_in.buffer_size, options_in.buffers_max, options_in.buffers_reserved),
        offered_slots(options_in.buffers_offered_max, BufferPool::none) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  RingOptions options;
  io_uring ring{};
  bool ring_open = false;
  RingFeatures features;
  RingCounters counters;

  BufferPool buffers;
  io_uring_buf_ring* offer = nullptr;        // shared with the kernel
  std::vector<std::uint32_t> offered_slots;  // buffer number -> slot of the pool
  std::vector<std::uint16_t> numbers_free;   // buffer numbers not offered now
  std::uint32_t offer_target = 0;
  std::uint32_t offer_lowest = UINT32_MAX;  // fewest buffers left on offer during the present window
  std::uint32_t offer_window_turns = 0;

  int wake_eventfd = -1;
  void (*ahead)(const Op&, bool) = nullptr;
  void (*wake_handler)(void*) = nullptr;
  void* wake_owner = nullptr;

  io_uring_sqe& next_sqe();
  io_uring_sqe& next_sqe(Op& op);
  int open_ring();
  int register_buffers();
  void open_wake();
  void arm_wake_poll();
  std::uint32_t offered() const {
    return options.buffers_offered_max - static_cast<std::uint32_t>(numbers_free.size());
  }
  void offer_buffers();
  void adapt_offer();
  std::uint32_t take_offered(unsigned number);
  void look_ahead(std::span<io_uring_cqe* const> completions) const;
  void complete(const io_uring_cqe& cqe);
  void complete_tagged(const io_uring_cqe& cqe);
};

Ring::State::~State() {
  for (const std::uint32_t slot : offered_slots) {
    if (slot != BufferPool::none) buffers.give_back(slot);
  }
  if (wake_eventfd >= 0) ::close(wake_eventfd);
  if (ring_open) io_uring_queue_exit(&ring);
  std::free(offer);
}

int Ring::State::open_ring() {
  // The best the kernel has: 6.1 knows all of it, 6.0 lacks DEFER_TASKRUN.
  constexpr unsigned best = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  constexpr unsigned fallbacks[] = {best, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN,
                                    IORING_SETUP_COOP_TASKRUN, 0};
  int result = -EINVAL;
  for (const unsigned flags : fallbacks) {
    io_uring_params parameters{};
    parameters.flags = flags | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
    parameters.cq_entries = options.completion_entries;
    result = io_uring_queue_init_params(options.submission_entries, &ring, &parameters);
    if (result == 0) {
      ring_open = true;
      features.single_issuer = (flags & IORING_SETUP_SINGLE_ISSUER) != 0;
      features.defer_taskrun = (flags & IORING_SETUP_DEFER_TASKRUN) != 0;
      (void)io_uring_register_ring_fd(&ring);  // saves a descriptor look-up per call where it is known
      return 0;
    }
    if (result != -EINVAL) break;
  }
  return result;
}

int Ring::State::register_buffers() {
  const std::uint32_t entries = options.buffers_offered_max;
  offer = static_cast<io_uring_buf_ring*>(
      std::aligned_alloc(4096, std::max<std::size_t>(4096, entries * sizeof(io_uring_buf))));
  if (offer == nullptr) return -ENOMEM;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(offer);
  registration.ring_entries = entries;
  registration.bgid = buffer_group;
  const int result = io_uring_register_buf_ring(&ring, &registration, 0);
  if (result < 0) return result;
  io_uring_buf_ring_init(offer);
  numbers_free.reserve(entries);
  for (std::uint32_t number = entries; number-- > 0;)
    numbers_free.push_back(static_cast<std::uint16_t>(number));
  offer_target = std::min(options.buffers_offered_min, entries);
  offer_buffers();
  return 0;
}

void Ring::State::open_wake() {
  wake_eventfd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_eventfd >= 0) arm_wake_poll();
}

void Ring::State::arm_wake_poll() {
  io_uring_sqe& sqe = next_sqe();
  io_uring_prep_poll_add(&sqe, wake_eventfd, POLLIN);
  io_uring_sqe_set_data64(&sqe, tag_wake_poll);
}

io_uring_sqe& Ring::State::next_sqe() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  while (sqe == nullptr) {
    ++counters.submission_queue_full;
    ++counters.submit_calls;
    io_uring_submit(&ring);
    sqe = io_uring_get_sqe(&ring);
  }
  return *sqe;
}

io_uring_sqe& Ring::State::next_sqe(Op& op) {
  op.submitted();
  return next_sqe();
}

void Ring::State::offer_buffers() {
  const int mask = io_uring_buf_ring_mask(options.buffers_offered_max);
  int added = 0;
  for (std::uint32_t have = offered(); have < offer_target; ++have) {
    const std::uint32_t slot = buffers.take();
    if (slot == BufferPool::none) break;
    const std::uint16_t number = numbers_free.back();
    numbers_free.pop_back();
    offered_slots[number] = slot;
    io_uring_buf_ring_add(offer, buffers.memory(slot), options.buffer_size, number, mask, added++);
  }
  if (added > 0) io_uring_buf_ring_advance(offer, added);
}

// The offer follows the demand: it doubles when the kernel ran dry and halves after a long time of half of it
// untouched, so that the memory in use stays near what the traffic needs.
void Ring::State::adapt_offer() {
  offer_lowest = std::min(offer_lowest, offered());
  if (++offer_window_turns < offer_shrink_turns) return;
  if (offer_lowest > offer_target / 2 && offer_target > options.buffers_offered_min) offer_target /= 2;
  offer_window_turns = 0;
  offer_lowest = UINT32_MAX;
}

std::uint32_t Ring::State::take_offered(unsigned number) {
  const std::uint32_t slot = std::exchange(offered_slots[number], BufferPool::none);
  CORELANE_CHECK(slot != BufferPool::none);
  numbers_free.push_back(static_cast<std::uint16_t>(number));
  return slot;
}

// The first of `completions` has its turn now.
void Ring::State::look_ahead(std::span<io_uring_cqe* const> completions) const {
  const auto op_at = [completions](unsigned place) -> const Op* {
    if (place >= completions.size() || is_tagged(completions[place]->user_data)) return nullptr;
    return reinterpret_cast<const Op*>(completions[place]->user_data);
  };
  if (const Op* op = op_at(ahead_of_operation)) __builtin_prefetch(op);
  for (const unsigned place : {ahead_of_handler, just_ahead_of_handler}) {
    const Op* op = op_at(place);
    if (op != nullptr && op->owner->looked_ahead_for) ahead(*op, place == just_ahead_of_handler);
  }
}

void Ring::State::complete(const io_uring_cqe& cqe) {
  ++counters.completions;
  if (is_tagged(cqe.user_data)) {
    complete_tagged(cqe);
    return;
  }
  Completion completion;
  completion.result = cqe.res;
  completion.more = (cqe.flags & IORING_CQE_F_MORE) != 0;
  if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) {
    const std::uint32_t slot = take_offered(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
    completion.lease = BufferLease(&buffers, slot, cqe.res > 0 ? static_cast<std::uint32_t>(cqe.res) : 0);
  }
  if (cqe.res == -ENOBUFS) {
    ++counters.buffers_exhausted;
    offer_target = std::min(offer_target * 2, options.buffers_offered_max);
  }
  reinterpret_cast<Op*>(cqe.user_data)->complete(completion);
}

void Ring::State::complete_tagged(const io_uring_cqe& cqe) {
  if (cqe.user_data == tag_ignored) return;
  if ((cqe.user_data & tag_wake_failed_bit) != 0) {
    auto* target = reinterpret_cast<Ring::State*>(cqe.user_data & ~tag_wake_failed_bit);
    (void)::eventfd_write(target->wake_eventfd, 1);
    return;
  }
  if (cqe.user_data == tag_wake_poll) {
    eventfd_t count = 0;
    (void)::eventfd_read(wake_eventfd, &count);
    arm_wake_poll();
  }
  if (wake_handler != nullptr) wake_handler(wake_owner);
}

Ring::Ring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ring::~Ring() = default;

std::unique_ptr<Ring> Ring::create(const RingOptions& options, std::string& failure) {
  auto state = std::make_unique<State>(options);
  int result = state->open_ring();
  if (result == 0) result = state->register_buffers();
  if (result < 0) {
    failure = ring_refusal_text(result);
    return nullptr;
  }
  int buffer_used = -1;
  state->features.receive_multishot_capped = probe_receive_cap(state->ring, buffer_used);
  if (buffer_used >= 0) state->buffers.give_back(state->take_offered(static_cast<unsigned>(buffer_used)));
  state->open_wake();
  return std::unique_ptr<Ring>(new Ring(std::move(state)));
}

void Ring::accept(Op& op, Descriptor listener, bool multishot) {
  io_uring_sqe& sqe = state_->next_sqe(op);
  if (multishot) {
    io_uring_prep_multishot_accept(&sqe, listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } else {
    io_uring_prep_accept(&sqe, listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }
  io_uring_sqe_set_data(&sqe, &op);
}

void Ring::connect(Op& op, Descriptor socket, const SocketAddress& address) {
  io_uring_sqe& sqe = state_->next_sqe(op);
  io_uring_prep_connect(&sqe, socket, static_cast<const sockaddr*>(address.data()), address.size());
  io_uring_sqe_set_data(&sqe, &op);
}

void Ring::receive(Op& op, Descriptor socket, std::uint32_t bytes_cap) {
  io_uring_sqe& sqe = state_->next_sqe(op);
  io_uring_prep_recv(&sqe, socket, nullptr, 0, 0);
  sqe.flags |= IOSQE_BUFFER_SELECT;
  sqe.buf_group = buffer_group;
  if (state_->features.receive_multishot_capped) {
    sqe.ioprio = IORING_RECV_MULTISHOT;
    sqe_set_receive_cap(sqe, bytes_cap);
  }
  io_uring_sqe_set_data(&sqe, &op);
}

void Ring::send(Op& op, Descriptor socket, std::span<const std::byte> bytes) {
  io_uring_sqe& sqe = state_->next_sqe(op);
  io_uring_prep_send(&sqe, socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  io_uring_sqe_set_data(&sqe, &op);
}

void Ring::poll(Op& op, Descriptor descriptor, Readiness readiness) {
  io_uring_sqe& sqe = state_->next_sqe(op);
  io_uring_prep_poll_add(&sqe, descriptor, poll_mask_of(readiness));
  io_uring_sqe_set_data(&sqe, &op);
}

void Ring::cancel(Op& op) {
  if (!op.in_flight || op.cancelling) return;
  op.cancelling = true;
  io_uring_sqe& sqe = state_->next_sqe();
  io_uring_prep_cancel(&sqe, &op, 0);
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(&sqe, tag_ignored);
}

void Ring::close(Descriptor descriptor) {
  // A descriptor that the sanitizer did not see closed is the same one to it when another lane gets its
  // number.
  if constexpr (base::thread_sanitized) {
    ::close(descriptor);
    return;
  }
  io_uring_sqe& sqe = state_->next_sqe();
  io_uring_prep_close(&sqe, descriptor);
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(&sqe, tag_ignored);
}

void Ring::on_ahead(void (*fetch)(const Op& op, bool near)) {
  state_->ahead = fetch;
}

void Ring::on_wake(void (*handler)(void*), void* owner) {
  state_->wake_handler = handler;
  state_->wake_owner = owner;
}

void Ring::wake(Ring* from) {
  if (from == nullptr) {
    (void)::eventfd_write(state_->wake_eventfd, 1);
    return;
  }
  io_uring_sqe& sqe = from->state_->next_sqe();
  io_uring_prep_msg_ring(&sqe, state_->ring.ring_fd, 0, tag_wake, 0);
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(&sqe, reinterpret_cast<std::uint64_t>(state_.get()) | tag_wake_failed_bit);
}

void Ring::submit_and_wait(base::TimeUs wait_us) {
  state_->adapt_offer();
  state_->offer_buffers();
  ++state_->counters.submit_calls;
  io_uring_cqe* cqe = nullptr;
  if (wait_us <= 0 || io_uring_cq_ready(&state_->ring) > 0) {
    io_uring_submit_and_get_events(&state_->ring);
  } else if (wait_us == base::time_never) {
    io_uring_submit_and_wait(&state_->ring, 1);
  } else {
    __kernel_timespec wait{.tv_sec = wait_us / 1'000'000, .tv_nsec = wait_us % 1'000'000 * 1000};
    io_uring_submit_and_wait_timeout(&state_->ring, &cqe, 1, &wait, nullptr);
  }
  if (io_uring_cq_has_overflow(&state_->ring)) ++state_->counters.completion_overflows;
}

unsigned Ring::dispatch(unsigned completions_max) {
  unsigned done = 0;
  io_uring_cqe* batch[completions_per_peek];
  while (done < completions_max) {
    const unsigned count =
        io_uring_peek_batch_cqe(&state_->ring, batch, std::min(completions_per_peek, completions_max - done));
    if (count == 0) break;
    for (unsigned i = 0; i < count; ++i) {
      if (state_->ahead != nullptr) state_->look_ahead(std::span(batch).first(count).subspan(i));
      state_->complete(*batch[i]);
    }
    io_uring_cq_advance(&state_->ring, count);
    done += count;
  }
  return done;
}

base::TimeUs Ring::now() const {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return base::TimeUs{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

std::int32_t Ring::receive_reserved(Descriptor socket, BufferLease& lease) {
  BufferPool& pool = state_->buffers;
  const std::uint32_t slot = pool.take_reserved();
  if (slot == BufferPool::none) return -ENOBUFS;
  const ssize_t bytes = ::recv(socket, pool.memory(slot), pool.buffer_size(), MSG_DONTWAIT);
  const std::int32_t result = bytes < 0 ? -errno : static_cast<std::int32_t>(bytes);
  if (bytes > 0) {
    lease = BufferLease(&pool, slot, static_cast<std::uint32_t>(bytes));
  } else {
    pool.give_back(slot);
  }
  return result;
}

BufferLease Ring::take_buffer() {
  BufferPool& pool = state_->buffers;
  const std::uint32_t slot = pool.take_reserved();
  return slot == BufferPool::none ? BufferLease() : BufferLease(&pool, slot, pool.buffer_size());
}

BufferPool& Ring::buffers() {
  return state_->buffers;
}
std::uint32_t Ring::buffers_receivable() const {
  return state_->buffers.free() + state_->offered();
}
const RingCounters& Ring::counters() const {
  return state_->counters;
}
const RingFeatures& Ring::features() const {
  return state_->features;
}

}  // namespace corelane::io
