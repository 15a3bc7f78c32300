# SPDX-License-Identifier: Apache-2.0
"""Peers that write before they read hold every buffer of a lane, and nobody else has to wait for them."""

import socket
import threading

import pytest
from support import configs
from support.peers import Sender, TcpServer, connect, echo, quiet, read_exactly, receive_digest
from support.waiting import Stopwatch, wait_until

PEERS = 40
EXCHANGE_BYTES = 4 << 20


def starting(corelane, servers, buffers):
    """With so few buffers for one lane, and no pipes that could take their place."""
    config = configs.tcp_pairs(**{name: server.address for name, server in servers.items()})
    config["global"]["tune"] = {"buffers_max": buffers, "pipes_max": 0}
    return corelane(config)


def waiting(proxy):
    return proxy.stats()["lanes"][0]["buffers_waiting"]


def flood(address):
    """A client that writes and never reads, until it is shut down; and its thread."""
    client = connect(address, timeout_s=None, receive_buffer=8192)
    writer = threading.Thread(target=write_on, args=(client,), daemon=True)
    writer.start()
    return client, writer


def write_on(client):
    while quiet(client.send, b"x" * 65536):
        pass


@pytest.mark.parametrize("buffers", [1, 8])
def test_clients_that_never_read_beside_others(corelane, buffers):
    with TcpServer(echo) as flooded, TcpServer(echo) as quick:
        proxy = starting(corelane, {"flooded": flooded, "quick": quick}, buffers)
        stuck = [flood(proxy.address("flooded")) for _ in range(PEERS)]
        wait_until(lambda: waiting(proxy) > 0, "flows wait for a buffer")

        with Stopwatch() as watch:
            for _ in range(20):
                with connect(proxy.address("quick")) as client:
                    for _ in range(10):
                        client.sendall(b"ping" * 5000)
                        assert read_exactly(client, 20000) == b"ping" * 5000
        assert watch.seconds < 10, "other connections stall"
        assert all(writer.is_alive() for _, writer in stuck), "the flood goes on"

        for client, writer in stuck:
            quiet(client.shutdown, socket.SHUT_RDWR)
            writer.join(10)
            client.close()
        flooded.stop()
        wait_until(lambda: waiting(proxy) == 0, "nobody waits any longer")


@pytest.mark.parametrize("buffers", [1, 8])
def test_servers_that_answer_before_they_read(corelane, buffers):
    """Each server's end is full of what it does not read yet; the answers must come through all the same."""

    def answer_first(connection, _server):
        sender = Sender(connection, EXCHANGE_BYTES, "answer")
        sender.join()
        received.append(receive_digest(connection))

    received = []
    with TcpServer(answer_first, receive_buffer=8192) as server:
        proxy = starting(corelane, {"f": server}, buffers)
        clients = [connect(proxy.address("f"), receive_buffer=8192) for _ in range(PEERS)]
        senders = [Sender(client, EXCHANGE_BYTES, "request") for client in clients]
        answers = [receive_digest(client) for client in clients]
        for sender in senders:
            sender.join(30)
        wait_until(lambda: len(received) == PEERS, "every server has read everything")
        assert set(received) == {(EXCHANGE_BYTES, senders[0].digest)}
        assert len(set(answers)) == 1 and answers[0][0] == EXCHANGE_BYTES
        wait_until(lambda: waiting(proxy) == 0, "nobody waits any longer")
        for client in clients:
            client.close()
        proxy.stop()
