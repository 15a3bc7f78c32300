# SPDX-License-Identifier: Apache-2.0
"""TCP ports that nobody else uses, also when several tests run side by side."""

import random
import socket

# Below the range that the system gives to outgoing connections, which would otherwise take a port in between.
_PORTS = range(12000, 32000)
_reservations = []


def free_port():
    """A port that is free on every loopback address. A UDP socket bound to the same number is the reservation: it does
    not stand in the way of TCP, and other test processes see it."""
    while True:
        port = random.choice(_PORTS)
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind(("127.0.0.1", port))
            for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                with socket.socket(family, socket.SOCK_STREAM) as probe:
                    if family == socket.AF_INET6:
                        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
        except OSError:
            reservation.close()
            continue
        _reservations.append(reservation)
        return port
