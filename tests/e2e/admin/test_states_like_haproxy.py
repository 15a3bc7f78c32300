# SPDX-License-Identifier: Apache-2.0
"""What an administrator's states do to a checked server, beside HAProxy: which word it has then, whether it is checked, and
what the log says. Both programs live through the same, one step after the other."""

import csv
import io
import json
import re

import pytest
from support import configs
from support.haproxy import HaProxy
from support.peers import TcpServer, hold
from support.ports import free_port
from support.waiting import wait_until

INTERVAL = "50ms"
FALL, RISE = 3, 2


class Target:
    """What is checked: answers or refuses, and counts who came."""

    def __init__(self):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._before = 0
        self._server = None

    def start(self):
        self._server = TcpServer(hold, port=self.port).__enter__()

    def stop(self):
        if self._server is not None:
            self._server.stop()
            self._before += self._server.accepted
            self._server = None

    @property
    def seen(self):
        return self._before + (self._server.accepted if self._server else 0)


class Ours:
    def __init__(self, corelane, target, beside):
        config = configs.tcp(target.address, beside.address, admin={"bind": [f"127.0.0.1:{free_port()}"]})
        # Words on the connection make a server see each check: a connect alone is often reset before it is accepted.
        steps = [{"connect": {"linger": True}}, {"send": "x"}]
        config["backends"]["b"]["check"] = {"type": "tcp", "interval": INTERVAL, "fall": FALL, "rise": RISE, "steps": steps}
        self.target, self.proxy = target, corelane(config)

    def set(self, state):
        self.proxy.patch("s1", state=state)

    def status(self, server="s1"):
        return self.proxy.server(server)["status"]

    def log(self):
        lines = [json.loads(line) for line in self.proxy.stderr.splitlines() if line.startswith("{")]
        return "\n".join(line["message"] for line in lines if line.get("event") == "server")


class Theirs:
    def __init__(self, haproxy, target):
        self.target, self.haproxy = target, haproxy

    @staticmethod
    def sections(target, beside):
        check = f"check inter {INTERVAL} fall {FALL} rise {RISE}"
        return (
            "listen b\n  bind {address}\n  option tcp-check\n  tcp-check connect linger\n  tcp-check send x\n"
            f"  server s1 {target.address} {check}\n  server s2 {beside.address} {check}\n"
        )

    def set(self, state):
        self.haproxy.command(f"set server b/s1 state {state}")

    def status(self, server="s1"):
        rows = csv.DictReader(io.StringIO(self.haproxy.command("show stat").lstrip("# ")))
        return next(row["status"] for row in rows if row["svname"] == server).split(" ")[0]

    def log(self):
        return self.haproxy.output()


def told(text):
    """What the log says of s1, without the reasons and numbers behind it, which follow the check and not the state. HAProxy
    says once more after some changes that a drained server remains so."""
    lines = re.findall(r"Server b/s1 ([^,.]*)", text)
    return [line for line in lines if line != "remains in forced drain mode"]


class Both:
    def __init__(self, *sides):
        self.sides = sides

    def set(self, state):
        for side in self.sides:
            side.set(state)

    def die(self):
        for side in self.sides:
            side.target.stop()

    def live(self):
        for side in self.sides:
            side.target.start()

    def become(self, status):
        for side in self.sides:
            wait_until(lambda side=side: side.status() == status, f"{type(side).__name__} says {status}")

    def are_checked(self, checked=True):
        """Or not, while the other server is."""
        for side in self.sides:
            seen, beside = side.target.seen, side.beside.seen
            if checked:
                wait_until(lambda side=side, seen=seen: side.target.seen > seen + 2, f"{type(side).__name__} checks")
            else:
                wait_until(lambda side=side, beside=beside: side.beside.seen > beside + 6, "others are checked")
                assert side.target.seen <= seen + 1, type(side).__name__


@pytest.fixture
def both(corelane, tmp_path):
    targets = [Target() for _ in range(4)]
    for target in targets:
        target.start()
    with HaProxy(tmp_path / "haproxy", Theirs.sections(*targets[:2])) as haproxy:
        sides = Theirs(haproxy, targets[0]), Ours(corelane, *targets[2:])
        sides[0].beside, sides[1].beside = targets[1], targets[3]
        for side in sides:
            seen = side.target.seen
            wait_until(lambda side=side, seen=seen: side.target.seen > seen, "the first check")
        yield Both(*sides)
    for target in targets:
        target.stop()


STEPS = {
    "maintenance and back": ["maint", "MAINT", "unchecked", "ready", "UP", "checked"],
    "a server that died under maintenance": ["maint", "MAINT", "die", "ready", "DOWN"],
    "a server that was down before": ["die", "DOWN", "maint", "MAINT", "live", "ready", "UP", "checked"],
    "still down after maintenance": ["die", "DOWN", "maint", "MAINT", "ready", "DOWN", "live", "UP"],
    "drain": ["drain", "DRAIN", "checked", "die", "DOWN", "live", "DRAIN", "ready", "UP"],
    "down, then drain": ["die", "DOWN", "drain", "DOWN", "live", "DRAIN", "ready", "UP"],
    "from drain to maintenance": ["drain", "DRAIN", "maint", "MAINT", "unchecked", "ready", "UP"],
    "from maintenance to drain": ["maint", "MAINT", "drain", "DRAIN", "checked", "ready", "UP"],
    "from maintenance to drain, dead": ["maint", "MAINT", "die", "drain", "DOWN", "ready", "DOWN", "live", "UP"],
    "a state that it has already": ["drain", "DRAIN", "drain", "DRAIN", "maint", "maint", "MAINT", "ready", "ready", "UP"],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_both_go_through_the_same(both, steps):
    for step in steps:
        if step in ("die", "live"):
            getattr(both, step)()
        elif step in ("checked", "unchecked"):
            both.are_checked(step == "checked")
        elif step.isupper():
            both.become(step)
        else:
            both.set(step)
    theirs, ours = both.sides
    wait_until(lambda: len(told(ours.log())) >= len(told(theirs.log())), "Corelane's log has as many lines")
    assert told(ours.log()) == told(theirs.log())
