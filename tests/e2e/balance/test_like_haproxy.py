# SPDX-License-Identifier: Apache-2.0
"""The same clients go to the same servers as behind HAProxy."""

import selectors
import socket
import threading
from contextlib import ExitStack

import pytest
from support import configs
from support.haproxy import HaProxy
from support.peers import TcpServer, quiet, read_exactly, says_and_echoes
from support.ports import free_port

# Without the server that goes the weights have a common divisor.
WEIGHTS = {"s1": 4, "s2": 12, "s3": 2, "s4": 0, "s5": 31, "s6": 250}
LOST = "s5"
CLIENTS = [f"127.{i % 7}.{i * 37 % 256}.{1 + i * 101 % 254}" for i in range(300)]

# Of each kind of balance: HAProxy's lines, and the backend's keys.
KINDS = {}
for modifier in ("", "avalanche"):
    ours = {"modifier": modifier or "none"}
    for method in ("map-based", "consistent"):
        KINDS[f"source-{method}-{modifier}"] = (
            ["balance source", f"hash-type {method} sdbm {modifier}"],
            {"balance": "source", "hash": {"type": method, **ours}},
        )
        for function in ("sdbm", "djb2", "wt6", "crc32"):
            KINDS[f"hash-{method}-{function}-{modifier}"] = (
                ["balance hash src", f"hash-type {method} {function} {modifier}"],
                {
                    "balance": {"algorithm": "hash", "expression": "src"},
                    "hash": {"type": method, "function": function, **ours},
                },
            )
PLAIN = {
    "source": (["balance source"], {"balance": "source"}),
    "hash": (["balance hash src"], {"balance": "hash"}),
    "source-consistent": (["balance source", "hash-type consistent"], {"balance": "source", "hash": "consistent"}),
    "hash-consistent": (["balance hash src", "hash-type consistent"], {"balance": "hash", "hash": "consistent"}),
}


class NamedServers:
    """Servers that say their names and close, all in one thread."""

    def __init__(self, names):
        self._selector = selectors.DefaultSelector()
        self._listeners = {}
        for name in names:
            listener = socket.create_server(("127.0.0.1", 0), backlog=512)
            listener.setblocking(False)
            self._listeners[name] = listener
            self._selector.register(listener, selectors.EVENT_READ, name.encode())
        self.ports = {name: listener.getsockname()[1] for name, listener in self._listeners.items()}
        self._wake_read, self._wake_write = socket.socketpair()
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._wake_write.close()
        self._thread.join(30)
        for listener in self._listeners.values():
            listener.close()
        self._wake_read.close()
        self._selector.close()

    def stop(self, name):
        """Its port refuses connections from now on."""
        self._listeners[name].shutdown(socket.SHUT_RDWR)

    def _run(self):
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._wake_read:
                    return
                self._answer(key.fileobj, key.data)

    def _answer(self, listener, name):
        accepted = quiet(listener.accept)
        if accepted is None:
            self._selector.unregister(listener)
            return
        with accepted[0] as connection:
            quiet(connection.sendall, name)


def haproxy_sections(kinds, binds, ports, weights):
    """A frontend and a backend for each kind, with these servers."""
    lines = []
    for name, (balance, _) in kinds.items():
        lines += [f"listen {name}", f"  bind {binds[name]}", *[f"  {line}" for line in balance]]
        lines += [f"  server {server} 127.0.0.1:{port} weight {weights[server]}" for server, port in ports.items()]
    return "\n".join(lines) + "\n"


def corelane_config(kinds, binds, ports, weights, **backend):
    config = configs.tcp()
    config["frontends"] = {
        name: {"bind": [{"address": binds[name]}], "log_format": "json", "default_backend": name} for name in kinds
    }
    config["backends"] = {
        name: {
            **keys,
            **backend,
            "servers": [
                {"name": server, "address": f"127.0.0.1:{port}", "weight": weights[server]}
                for server, port in ports.items()
            ],
        }
        for name, (_, keys) in kinds.items()
    }
    return config


def loopback_binds(kinds, host="127.0.0.1"):
    return {name: f"{host}:{free_port()}" for name in kinds}


def server_of(bind, client):
    port = int(bind.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 30, source_address=(client, 0)) as connection:
        return read_exactly(connection, 2).decode()


def choices(binds, clients):
    return {name: [server_of(bind, client) for client in clients] for name, bind in binds.items()}


def require_same(corelane_binds, haproxy_binds, clients):
    ours, theirs = choices(corelane_binds, clients), choices(haproxy_binds, clients)
    for name in ours:
        assert ours[name] == theirs[name], name
    return ours


@pytest.fixture
def both(tmp_path, corelane):
    """both(kinds, ports, ...) starts both programs; returns them and where the kinds listen at each."""
    with ExitStack() as stack:

        def start(kinds, ports, weights, host="127.0.0.1", **backend):
            our_binds, their_binds = loopback_binds(kinds, host), loopback_binds(kinds, host)
            sections = haproxy_sections(kinds, their_binds, ports, weights)
            haproxy = stack.enter_context(HaProxy(tmp_path / "haproxy", sections))
            proxy = corelane(corelane_config(kinds, our_binds, ports, weights, **backend))
            return proxy, haproxy, our_binds, their_binds

        yield start


def test_every_hash_and_a_server_that_goes(both):
    check = {"interval": "200ms", "fall": 1}
    with NamedServers(WEIGHTS) as servers:
        proxy, haproxy, our_binds, their_binds = both(KINDS, servers.ports, WEIGHTS, check=check)
        all_up = require_same(our_binds, their_binds, CLIENTS)
        servers.stop(LOST)
        for name in KINDS:
            assert haproxy.command(f"set server {name}/{LOST} state maint") == ""
            proxy.wait_status(LOST, "DOWN", backend=name)
        one_down = require_same(our_binds, their_binds, CLIENTS)
    for name in KINDS:
        # Without avalanche neighbours may stay neighbours and have one place of a ring together.
        if "map-based" in name or "avalanche" in name:
            assert set(all_up[name]) >= {"s2", "s5", "s6"}, f"{name} does not spread"
        assert LOST not in one_down[name] and "s4" not in all_up[name]
        moved = {before for before, after in zip(all_up[name], one_down[name]) if before != after}
        if "consistent" in name:
            assert moved <= {LOST}, name


def test_defaults_and_ipv6_clients(both):
    """Clients of an IPv6 socket have 16 bytes, also those that come by IPv4."""
    kinds = {**PLAIN, **{name: kind for name, kind in KINDS.items() if "avalanche" not in name}}
    with NamedServers(WEIGHTS) as servers:
        _, _, our_binds, their_binds = both(kinds, servers.ports, WEIGHTS, host="[::ffff:127.0.0.1]")
        require_same(our_binds, their_binds, CLIENTS[:100])


@pytest.mark.sanitize
def test_static_rr_takes_the_same_turns(both):
    weights = {"s1": 4, "s2": 10, "s3": 2, "s4": 14}
    kinds = {"turns": (["balance static-rr"], {"balance": "static-rr"})}
    with NamedServers(weights) as servers:
        _, _, our_binds, their_binds = both(kinds, servers.ports, weights)
        turns = require_same(our_binds, their_binds, ["127.0.0.1"] * 40)["turns"]
        assert turns[:15] == turns[15:30], "a round has 15 places"


def test_bounded_loads_keep_the_same_connections_at_the_same_servers(both):
    weights = {"s1": 1, "s2": 3, "s3": 2, "s4": 1}
    kinds = {
        f"{algorithm}-{factor}": (
            [f"balance {spelling}", "hash-type consistent", f"hash-balance-factor {factor}"],
            {"balance": algorithm, "hash": "consistent", "hash_balance_factor": factor},
        )
        for algorithm, spelling in (("source", "source"), ("hash", "hash src"))
        for factor in (101, 125, 200)
    }
    clients = [f"127.0.1.{1 + i % 9}" for i in range(45)]
    with ExitStack() as stack:
        ports = {name: stack.enter_context(TcpServer(says_and_echoes(name))).port for name in weights}
        _, _, our_binds, their_binds = both(kinds, ports, weights)
        for name in kinds:
            ours, theirs = (held_choices(stack, binds[name], clients) for binds in (our_binds, their_binds))
            assert ours == theirs, name
            if name.endswith("101"):
                assert len(set(ours)) == 4, f"{name}: {ours}"


def held_choices(stack, bind, clients):
    """The servers of connections that all stay open."""
    names = []
    for client in clients:
        port = int(bind.rpartition(":")[2])
        connection = socket.create_connection(("127.0.0.1", port), 30, source_address=(client, 0))
        stack.enter_context(connection)
        names.append(read_exactly(connection, 2).decode())
    return names
