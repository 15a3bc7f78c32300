# SPDX-License-Identifier: Apache-2.0
"""New connections go to lanes with fewer ones, where the kernel's spreading left one ahead."""

import signal
import socket
import threading

import pytest
from support import configs
from support.peers import ManyConnections, TcpServer, answer, connect, ends, read_exactly, says
from support.waiting import Stopwatch, wait_until


def lanes(proxy, counter="connections_current"):
    return [lane[counter] for lane in proxy.stats()["lanes"]]


def handed_over(proxy):
    return sum(lanes(proxy, "connections_handed_over"))


def talks(client):
    client.sendall(b"ping")
    assert read_exactly(client, 4) == b"ping"


def long_lived(address, count=64):
    """Clients of which each has said something and heard it back."""
    clients = [connect(address) for _ in range(count)]
    for client in clients:
        talks(client)
    return clients


def end(clients):
    for client in clients:
        client.close()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_64_connections_that_stay_end_within_one_of_even(corelane):
    with ManyConnections() as server:
        proxy = corelane(configs.tcp(server.address, lanes=8))
        clients = long_lived(proxy.address())
        counts = lanes(proxy)
        assert sum(counts) == 64
        assert min(counts) >= 7 and max(counts) <= 9, counts
        assert handed_over(proxy) == sum(lanes(proxy, "connections_taken_over")) > 0
        assert proxy.stats()["process"]["connections_total"] == sum(lanes(proxy, "connections_total")) == 64
        # Whoever was handed over is the same client still, and goes on.
        for client in clients:
            talks(client)
        ports = {client.getsockname()[1] for client in clients}
        end(clients)
        records = proxy.wait_log(64)
        assert {record["client_port"] for record in records} == ports
        assert {record["end_reason"] for record in records} == {"completed"}
        proxy.stop()


@pytest.mark.lanes
def test_connections_that_all_break_and_come_again_are_even_again(corelane):
    """Although that looks like short connections that come and go, but for how long they lasted."""
    with ManyConnections() as server:
        proxy = corelane(configs.tcp(server.address, lanes=8))
        with Stopwatch() as watch:
            clients = long_lived(proxy.address())
            wait_until(lambda: watch.so_far() > 1.1, "they lasted more than a second")
        end(clients)
        wait_until(lambda: sum(lanes(proxy)) == 0, "every connection has ended", interval_s=0.001)
        clients = long_lived(proxy.address())
        counts = lanes(proxy)
        assert min(counts) >= 7 and max(counts) <= 9, counts
        end(clients)


@pytest.mark.lanes
def test_a_unix_socket_that_lanes_share_is_even_too(corelane, tmp_path):
    with ManyConnections() as server:
        path = f"unix:{tmp_path}/front"
        proxy = corelane(configs.tcp(server.address, lanes=4, frontend={"bind": [{"address": path}]}))
        clients = long_lived(path, 32)
        counts = lanes(proxy)
        assert min(counts) >= 7 and max(counts) <= 9, counts
        end(clients)


def test_switched_off_every_lane_keeps_what_it_accepts(corelane):
    with ManyConnections() as server:
        proxy = corelane(configs.tcp(server.address, lanes=8, even_lanes=False))
        clients = long_lived(proxy.address(), 128)
        assert sum(lanes(proxy)) == 128
        assert handed_over(proxy) == 0
        end(clients)


@pytest.mark.sanitize
@pytest.mark.lanes
def test_short_connections_lose_nothing(corelane):
    """Several clients at once, each with one short connection after the other, beside some that stay."""
    with TcpServer(says("here")) as server:
        proxy = corelane(configs.tcp(server.address, lanes=4))
        failures = []

        def load():
            for _ in range(100):
                if answer(proxy.address()) != b"here":
                    failures.append("an answer is missing")

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        wait_until(lambda: sum(lanes(proxy)) == 0, "every connection has ended")
        assert sum(lanes(proxy, "connections_total")) == 800
        assert proxy.backend()["connections_total"] == 800
        assert handed_over(proxy) == sum(lanes(proxy, "connections_taken_over"))
        assert sum(lanes(proxy, "accept_errors")) == 0
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.lanes
def test_a_limit_counts_connections_that_moved_once(corelane):
    with ManyConnections() as server:
        config = configs.tcp(server.address, lanes=4, frontend={"max_connections": 20})
        config["frontends"]["f"]["bind"][0]["backlog"] = 100
        proxy = corelane(config)
        for _ in range(3):
            clients = long_lived(proxy.address(), 20)
            waits = connect(proxy.address())
            wait_until(lambda: sum(lanes(proxy, "accept_paused_limit")) > 0, "the limit is reached")
            assert proxy.frontend("f")["connections_current"] == 20
            end(clients)
            talks(waits)
            waits.close()
            wait_until(lambda: proxy.frontend("f")["connections_current"] == 0, "every connection has ended")
        assert handed_over(proxy) > 0
        proxy.stop()


@pytest.mark.sanitize
@pytest.mark.lanes
@pytest.mark.parametrize("cut", [False, True])
def test_a_stop_while_connections_move_leaves_none_behind(corelane, cut):
    """Clients go on coming until they are refused. Each one that was accepted is served to its end, or cut."""
    with ManyConnections() as server:
        proxy = corelane(configs.tcp(server.address, lanes=8))
        clients = long_lived(proxy.address(), 40)
        stopping = threading.Event()
        late = []

        def come():
            while not stopping.is_set():
                try:
                    late.append(connect(proxy.address(), timeout_s=5))
                except OSError:
                    return

        threads = [threading.Thread(target=come) for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(late) > 200, "clients come")
        proxy.signal(signal.SIGTERM)
        wait_until(lambda: proxy.get("/ready")[0] == 503, "it drains")
        stopping.set()
        for thread in threads:
            thread.join()
        if cut:
            proxy.signal(signal.SIGTERM)
            assert proxy.wait() == 5
            assert {ends(client) for client in clients} <= {"end", "reset"}
        else:
            for client in clients:
                talks(client)
                client.shutdown(socket.SHUT_WR)
                assert ends(client) == "end"
            end(late)
            assert proxy.wait() == 0
        reasons = {record["end_reason"] for record in proxy.records() if record["bytes_to_server"]}
        assert len([record for record in proxy.records() if record["bytes_to_server"]]) >= 40
        assert reasons == ({"process_stopping"} if cut else {"completed"}), reasons
        end(clients + late)
