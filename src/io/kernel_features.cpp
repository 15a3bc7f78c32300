// SPDX-License-Identifier: Apache-2.0
#include "io/kernel_features.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace corelane::io {

bool probe_receive_cap(io_uring& ring, int& buffer_used) {
  buffer_used = -1;
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return false;
  bool capped = false;
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  io_uring_prep_recv(sqe, pair[0], nullptr, 0, 0);
  sqe->ioprio = IORING_RECV_MULTISHOT;
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = 0;
  sqe_set_receive_cap(*sqe, 1);
  const char byte = 0;
  if (::send(pair[1], &byte, 1, MSG_NOSIGNAL) == 1) {
    ::shutdown(pair[1], SHUT_WR);  // so that an uncapped receive ends as well
    bool more = true;
    bool first = true;
    while (more) {
      io_uring_cqe* cqe = nullptr;
      if (io_uring_submit_and_wait(&ring, 1) < 0 || io_uring_peek_cqe(&ring, &cqe) < 0) break;
      more = (cqe->flags & IORING_CQE_F_MORE) != 0;
      if (first) capped = cqe->res == 1 && !more;
      first = false;
      if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
        buffer_used = static_cast<int>(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
      }
      io_uring_cqe_seen(&ring, cqe);
    }
  }
  ::close(pair[0]);
  ::close(pair[1]);
  return capped;
}

namespace {

std::string kernel_release() {
  utsname names{};
  ::uname(&names);
  return names.release;
}

/// kernel.io_uring_disabled: 0 allowed, 1 only for a group, 2 for nobody; -1 where the sysctl does not exist.
int io_uring_disabled_sysctl() {
  std::FILE* file = std::fopen("/proc/sys/kernel/io_uring_disabled", "re");
  if (file == nullptr) return -1;
  int value = -1;
  if (std::fscanf(file, "%d", &value) != 1) value = -1;
  std::fclose(file);
  return value;
}

std::string forbidden_text() {
  const int disabled = io_uring_disabled_sysctl();
  if (disabled > 0) {
    return fmt::format(
        "the system forbids io_uring (sysctl kernel.io_uring_disabled = {}); to allow it: "
        "sysctl -w kernel.io_uring_disabled=0",
        disabled);
  }
  return "io_uring is forbidden to this process, most likely by a seccomp filter (container runtimes install "
         "one); "
         "to allow it: add io_uring_setup, io_uring_enter and io_uring_register to the filter's allowed "
         "calls "
         "(docker: --security-opt seccomp=PROFILE)";
}

std::string memory_text() {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  return fmt::format(
      "no memory for an io_uring ring; RLIMIT_MEMLOCK is {} KiB, which kernels before 5.12 count rings "
      "against; to raise it: ulimit -l unlimited, or LimitMEMLOCK=infinity in the service unit",
      limit.rlim_cur / 1024);
}

}  // namespace

std::string ring_refusal_text(int error) {
  switch (-error) {
    case ENOSYS:
      return fmt::format(
          "this kernel ({}) has no io_uring; Corelane needs Linux 6.0 or newer built with CONFIG_IO_URING",
          kernel_release());
    case EPERM:
    case EACCES:
      return forbidden_text();
    case ENOMEM:
      return memory_text();
    case EMFILE:
    case ENFILE:
      return "no file descriptor is left for an io_uring ring; to raise the limit: ulimit -n 65536, or "
             "LimitNOFILE=65536 in the service unit";
    case EINVAL:
      return fmt::format("this kernel's io_uring ({}) is too old; Corelane needs Linux 6.0 or newer",
                         kernel_release());
    default:
      return fmt::format("the kernel refused an io_uring ring: {}", std::strerror(-error));
  }
}

}  // namespace corelane::io
