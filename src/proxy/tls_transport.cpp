// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_transport.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/lane_state.hpp"

namespace corelane::proxy {

TlsTransport::TlsTransport(LaneState& lane, Peer& peer)
    : lane_(lane),
      peer_(peer),
      raw_receive_(&TlsTransport::on_received, this),
      raw_send_(&TlsTransport::on_sent, this) {}

TlsTransport::~TlsTransport() {
  unlink();
  drop_input();
}

bool TlsTransport::open(const tls::ServerContext& context, bool keeps_hello) {
  return connection_.open(context, lane_.now, keeps_hello);
}

bool TlsTransport::open(const TlsServerPlace& place, const ServerWanted& wanted) {
  place_ = &place;
  name_key_ = wanted.name_key;
  sessions_ = wanted.sessions;
  tls::Session session;
  if (sessions_ != nullptr) session = sessions_->take(name_key_);
  return connection_.open(*place,
                          {.server_name = wanted.name,
                           .session = session ? &session : nullptr,
                           .nameless_host = wanted.nameless_host},
                          lane_.now);
}

// The server may give some at any time.
void TlsTransport::keep_session() {
  if (sessions_ != nullptr && !is_outdated()) sessions_->keep(name_key_, connection_.take_session());
}

void TlsTransport::take_over(io::BufferQueue& received) {
  heard_ = heard_ || !received.empty();
  input_.take_over(received);
}

std::string_view TlsTransport::failure() const noexcept {
  if (connection_.error() == tls::Error::none && truncated_) return tls::words(tls::Error::truncated);
  return connection_.failure();
}

// --- The handshake -----------------------------------------------------------------------------------------

TlsTransport::Handshake TlsTransport::shake_hands() {
  while (true) {
    const std::span<std::byte> offered = room();
    if (offered.size() < tls::output_bytes_min) break;
    const std::span<std::byte> before = front_of_input();
    tls::Io io{.in = before, .out = offered};
    const tls::Step step = connection_.handshake(io, lane_.now);
    taken(before, io);
    sent_to(io, offered);
    if (step == tls::Step::want_output) break;
    if (step == tls::Step::want_input && !input_.empty()) continue;
    flush();
    if (step == tls::Step::done) {
      keep_session();
      return Handshake::done;
    }
    if (step != tls::Step::want_input || input_ended_ || input_error_ != 0 || output_error_ != 0) {
      if (sessions_ != nullptr) sessions_->forget(name_key_);
      return Handshake::failed;
    }
    arm_receive();
    return Handshake::going_on;
  }
  flush();
  return output_error_ != 0 ? Handshake::failed : Handshake::going_on;
}

// An alert that a reset overtakes is lost: what the peer had said before it could know is read, and dropped.
bool TlsTransport::part() {
  ends_ = goodbye_said_ = true;
  say_goodbye();
  drop_input();
  if (output_error_ != 0) return true;
  arm_receive();
  return ended_ && (input_ended_ || input_error_ != 0);
}

// --- What the stream asks for ------------------------------------------------------------------------------

bool TlsTransport::has_input() const noexcept {
  return !input_.empty() || input_ended_ || input_error_ != 0 || connection_.has_pending() ||
         connection_.has_peer_closed() || has_failed();
}

void TlsTransport::receive(bool reserved) {
  peer_.receive.submitted();
  receiving_ = true;
  reserved_ = reserved;
  if (has_input()) {
    schedule();
  } else {
    arm_receive();
  }
}

void TlsTransport::send(std::span<const std::byte> bytes) {
  peer_.send.submitted();
  sending_ = true;
  plain_ = bytes;
  send_bytes_ = static_cast<std::uint32_t>(bytes.size());
  encrypt();
  flush();
  if (output_error_ != 0) schedule();
}

void TlsTransport::cancel() {
  cancelled_ = true;
  lane_.ring->cancel(raw_receive_);
  lane_.ring->cancel(raw_send_);
  schedule();
}

void TlsTransport::shutdown_send() {
  ends_ = true;
  say_goodbye();
}

void TlsTransport::take_leave() {
  if (!connection_.is_ready() || sending_ || has_failed()) return;
  ends_ = true;
  say_goodbye();
}

bool TlsTransport::is_quiet() const noexcept {
  return !raw_send_.in_flight && (output_error_ != 0 || (!output_ && (!ends_ || ended_)));
}

// --- What becomes of it ------------------------------------------------------------------------------------

// An operation that comes back may end the stream: one is completed, as the last thing that is done, and
// whatever else there is to do follows at the end of the turn.
void TlsTransport::advance() {
  io::Completion completion;
  const bool early = connection_.is_early();
  if (io::Op* op = next_completion(completion)) {
    schedule();
    op->complete(completion);
  } else if (peer_.stream == nullptr) {
    IdleConnections::moved(static_cast<ServerConnection&>(peer_));
  } else if (!connection_.is_ready() || cancelled_ || ends_ || early != connection_.is_early()) {
    peer_.stream->advance();
  }
}

io::Op* TlsTransport::next_completion(io::Completion& completion) {
  if (finish_send(completion)) return &peer_.send;
  if (finish_receive(completion)) return &peer_.receive;
  if (!cancelled_) say_goodbye();
  return nullptr;
}

bool TlsTransport::finish_send(io::Completion& completion) {
  if (!sending_) return false;
  if (cancelled_) {
    if (raw_send_.in_flight) return false;
    completion.result = -ECANCELED;
  } else {
    encrypt();
    flush();
    if (raw_send_.in_flight) return false;
    if (output_error_ == 0 && (output_ || !plain_.empty())) return false;
    completion.result = output_error_ != 0 ? output_error_ : static_cast<std::int32_t>(send_bytes_);
  }
  sending_ = false;
  plain_ = {};
  return true;
}

bool TlsTransport::finish_receive(io::Completion& completion) {
  if (!receiving_) return false;
  if (cancelled_) {
    if (raw_receive_.in_flight) return false;
    completion.result = -ECANCELED;
  } else if (std::exchange(no_buffer_, false)) {
    completion.result = -ENOBUFS;
  } else if (!has_input() || !read(completion)) {
    arm_receive();
    return false;
  }
  receiving_ = false;
  return true;
}

// The buffer is paid for by that of the ciphertext, which goes back; only where some of that stays are there
// two for a while, one of them beyond the lane's.
bool TlsTransport::read(io::Completion& completion) {
  io::BufferLease lease = lane_.ring->take_buffer();
  if (!lease) {
    completion.result = -ENOBUFS;
    return true;
  }
  std::span<std::byte> plain = lease.bytes();
  const tls::Step step = read_into(plain);
  flush();
  keep_session();
  if (const auto bytes = static_cast<std::uint32_t>(lease.size() - plain.size()); bytes != 0) {
    lease.shrink(bytes);
    completion.result = static_cast<std::int32_t>(bytes);
    completion.lease = std::move(lease);
    return true;
  }
  if (step == tls::Step::failed) {
    completion.result = -EPROTO;
  } else if (step == tls::Step::want_input && input_error_ != 0) {
    completion.result = input_error_;
  } else if (step == tls::Step::want_input && input_ended_) {
    truncated_ = true;
  } else if (step != tls::Step::closed) {
    return false;
  }
  return true;
}

tls::Step TlsTransport::read_into(std::span<std::byte>& plain) {
  while (!plain.empty()) {
    const std::span<std::byte> offered = room();
    if (offered.size() < tls::output_bytes_min) return tls::Step::want_output;
    const std::span<std::byte> before = front_of_input();
    tls::Io io{.in = before, .out = offered};
    const tls::Step step = connection_.read(io, plain);
    taken(before, io);
    sent_to(io, offered);
    const bool goes_on = step == tls::Step::done || (step == tls::Step::want_input && !input_.empty());
    if (!goes_on) return step;
  }
  return tls::Step::done;
}

void TlsTransport::encrypt() {
  while (!plain_.empty() && output_error_ == 0) {
    if (!output_) {
      output_ = lane_.tls->take_output();
      output_begin_ = output_end_ = 0;
    }
    const std::span<std::byte> offered = room();
    if (offered.size() < tls::output_bytes_min) return;
    tls::Io io{.in = {}, .out = offered};
    const tls::Step step = connection_.write(io, plain_, lane_.now);
    sent_to(io, offered);
    if (step == tls::Step::failed) output_error_ = -EPROTO;
    if (step != tls::Step::done) return;
  }
}

// The FIN comes behind the last byte.
void TlsTransport::say_goodbye() {
  if (!ends_ || ended_ || sending_ || output_error_ != 0) return;
  if (!goodbye_said_) {
    const std::span<std::byte> offered = room();
    if (offered.size() < tls::output_bytes_min) return;
    goodbye_said_ = true;
    tls::Io io{.in = {}, .out = offered};
    (void)connection_.close(io);
    sent_to(io, offered);
  }
  flush();
  if (raw_send_.in_flight || output_) return;
  ended_ = true;
  (void)io::socket_shutdown_send(peer_.socket);
}

void TlsTransport::flush() {
  if (raw_send_.in_flight || output_error_ != 0 || cancelled_) return;
  if (output_begin_ == output_end_) {
    output_ = {};
    return;
  }
  lane_.ring->send(raw_send_, peer_.socket,
                   output_.bytes().subspan(output_begin_, output_end_ - output_begin_));
}

void TlsTransport::schedule() {
  if (!linked()) lane_.tls->ready.push_back(*this);
}

// --- Buffers -----------------------------------------------------------------------------------------------

// Where what goes out is written to: behind what is there already, or somewhere for a moment.
std::span<std::byte> TlsTransport::room() {
  if (output_) return output_.bytes().subspan(output_end_);
  return lane_.tls->scratch;
}

void TlsTransport::sent_to(const tls::Io& io, std::span<std::byte> offered) {
  const std::size_t bytes = offered.size() - io.out.size();
  if (bytes == 0) return;
  if (!output_) {
    output_ = lane_.tls->take_output();
    output_begin_ = output_end_ = 0;
    std::copy_n(offered.begin(), bytes, output_.bytes().begin());
  }
  output_end_ += static_cast<std::uint32_t>(bytes);
}

std::span<std::byte> TlsTransport::front_of_input() {
  return input_.empty() ? std::span<std::byte>{} : input_.front_writable(lane_.ring->buffers());
}

void TlsTransport::taken(std::span<std::byte> before, const tls::Io& io) {
  const std::size_t bytes = before.size() - io.in.size();
  if (bytes != 0) input_.consume(lane_.ring->buffers(), static_cast<std::uint32_t>(bytes));
}

void TlsTransport::drop_input() {
  input_.clear(lane_.ring->buffers());
}

// --- The kernel --------------------------------------------------------------------------------------------

void TlsTransport::arm_receive() {
  if (raw_receive_.in_flight || input_ended_ || input_error_ != 0 || cancelled_ || !input_.empty()) return;
  if (reserved_) {
    raw_receive_.handler = &TlsTransport::on_readable;
    lane_.ring->poll(raw_receive_, peer_.socket, io::Readiness::readable);
  } else {
    raw_receive_.handler = &TlsTransport::on_received;
    lane_.ring->receive(raw_receive_, peer_.socket, lane_.ring->buffers().buffer_size());
  }
}

void TlsTransport::note_received(io::Completion& completion) {
  if (completion.result > 0) {
    heard_ = true;
    peer_.last_activity = lane_.now;
    input_.push(std::move(completion.lease));
  } else if (completion.result == 0) {
    input_ended_ = true;
  } else if (completion.result == -ENOBUFS) {
    if (receiving_) {
      no_buffer_ = true;
    } else if (!std::exchange(reserved_, true)) {
      return;  // a handshake goes on without the lane's buffers
    } else {
      input_error_ = -ENOBUFS;
    }
  } else if (completion.result != -ECANCELED && completion.result != -EAGAIN && completion.result != -EINTR) {
    input_error_ = static_cast<std::int16_t>(completion.result);
  }
}

void TlsTransport::on_received(io::Op& op, io::Completion& completion) {
  TlsTransport& self = op.as<TlsTransport>();
  self.note_received(completion);
  self.advance();
}

void TlsTransport::on_readable(io::Op& op, io::Completion& completion) {
  TlsTransport& self = op.as<TlsTransport>();
  if (completion.result >= 0 && !self.cancelled_) {
    io::Completion received;
    received.result = self.lane_.ring->receive_reserved(self.peer_.socket, received.lease);
    self.note_received(received);
  }
  self.advance();
}

void TlsTransport::on_sent(io::Op& op, io::Completion& completion) {
  TlsTransport& self = op.as<TlsTransport>();
  if (completion.result > 0) {
    self.output_begin_ += static_cast<std::uint32_t>(completion.result);
    self.peer_.last_activity = self.lane_.now;
    self.flush();
  } else if (completion.result != -ECANCELED) {
    self.output_error_ = static_cast<std::int16_t>(completion.result == 0 ? -EPIPE : completion.result);
  }
  self.advance();
}

}  // namespace corelane::proxy
