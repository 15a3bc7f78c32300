// SPDX-License-Identifier: Apache-2.0
#include "runtime/listen_error.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace corelane::runtime;

TEST_CASE("a listening socket that cannot be opened names place, reason and the command that helps") {
  struct Row {
    const char* name;
    std::string address;
    std::string interface;
    std::uint16_t port;
    ListenStep step;
    int error_number;
    const char* says;
    const char* helps;
  };
  const Row rows[] = {
      {"taken", "0.0.0.0:3306", "", 3306, ListenStep::bind, EADDRINUSE,
       "cannot listen on 0.0.0.0:3306: Address already in use", "ss -ltnp 'sport = :3306'"},
      {"taken UNIX socket", "unix:/run/x.sock", "", 0, ListenStep::bind, EADDRINUSE, "Address already in use",
       "ss -lxp"},
      {"another file in the way", "unix:/run/x.sock", "", 0, ListenStep::bind, EEXIST, "File exists",
       "move it away"},
      {"privileged port", "0.0.0.0:80", "", 80, ListenStep::bind, EACCES, "Permission denied",
       "CAP_NET_BIND_SERVICE"},
      {"privileged port by sysctl", "0.0.0.0:80", "", 80, ListenStep::bind, EACCES, "Permission denied",
       "ip_unprivileged_port_start=80"},
      {"directory", "unix:/run/x.sock", "", 0, ListenStep::bind, EACCES, "Permission denied", "ls -ld"},
      {"foreign address", "192.0.2.1:80", "", 80, ListenStep::bind, EADDRNOTAVAIL, "192.0.2.1:80",
       "ip address"},
      {"unknown interface", ":80", "eth7", 80, ListenStep::option, ENODEV, "cannot set interface on",
       "no interface \"eth7\""},
      {"interface without capability", ":80", "eth7", 80, ListenStep::option, EPERM,
       "Operation not permitted", "CAP_NET_RAW"},
      {"missing directory", "unix:/nowhere/x", "", 0, ListenStep::bind, ENOENT, "No such file", "mkdir -p"},
      {"segment size", ":80", "", 80, ListenStep::max_segment, EINVAL, "cannot set max_segment on",
       "Invalid argument"},
      {"descriptors", ":80", "", 80, ListenStep::socket, EMFILE, "Too many open files", "LimitNOFILE="},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string text = listen_error_text({.place = "frontends.web.bind[0].address",
                                                .address = row.address,
                                                .interface = row.interface,
                                                .port = row.port,
                                                .step = row.step,
                                                .option = corelane::io::SocketOption::interface,
                                                .error_number = row.error_number});
    CAPTURE(text);
    CHECK(text.rfind("frontends.web.bind[0].address: ", 0) == 0);
    CHECK(text.find(row.says) != std::string::npos);
    CHECK(text.find(row.helps) != std::string::npos);
  }
}

TEST_CASE("a high port refused gets no advice about privileged ports") {
  const std::string text = listen_error_text(
      {.place = "p", .address = ":8080", .interface = "", .port = 8080, .error_number = EACCES});
  CHECK(text == "p: cannot listen on :8080: Permission denied");
}
