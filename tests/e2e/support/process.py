# SPDX-License-Identifier: Apache-2.0
"""The program under test as a process."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

from .ports import free_port
from .waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("CORELANE_BINARY", ROOT / "build/release/corelane"))

# Whoever ends the tests ends what they started.
WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]

FAULTS = re.compile(
    r"ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|corelane: internal error", re.MULTILINE
)


def command(*arguments, timeout_s=PATIENCE_S, **options):
    """Runs `corelane ARGUMENTS` to its end."""
    done = subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL, **options
    )
    assert not FAULTS.search(done.stderr), done.stderr
    return done


class Corelane:
    """`corelane run` with a configuration (a dict, to which an admin address and a log file are added), or with
    arguments of its own."""

    def __init__(self, directory, config=None, *, arguments=None, wrapper=(), pass_fds=(), wait_for="/ready"):
        self.directory = Path(directory)
        self.config = config
        self.log_path = self.directory / "connections.log"
        self._stdout_path = self.directory / "stdout"
        self._stderr_path = self.directory / "stderr"
        self.admin = None
        if config is not None:
            arguments = ["run", self._write_config()]
        with open(self._stdout_path, "wb") as out, open(self._stderr_path, "wb") as err:
            self.process = subprocess.Popen(
                [*WITH_PARENT, *wrapper, BINARY, *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.directory, pass_fds=pass_fds,
            )
        if self.admin and wait_for:
            wait_until(lambda: self._answers(wait_for), f"{wait_for} answers 200")

    def _write_config(self):
        self.admin = f"127.0.0.1:{free_port()}"
        everywhere = self.config.setdefault("global", {})
        everywhere.setdefault("admin", {"bind": [self.admin]})
        everywhere.setdefault("log", [{"to": f"file:{self.log_path}"}])
        self.admin = everywhere["admin"]["bind"][0]
        path = self.directory / "corelane.json"
        path.write_text(json.dumps(self.config, indent=2))
        return path

    def _answers(self, path):
        if self.process.poll() is not None:
            raise AssertionError(f"corelane ended with {self.process.returncode}: {self.stderr}{self.stdout}")
        try:
            return self.get(path)[0] == 200
        except OSError:
            return False

    @property
    def pid(self):
        return self.process.pid

    @property
    def stdout(self):
        return self._stdout_path.read_text(errors="replace")

    @property
    def stderr(self):
        return self._stderr_path.read_text(errors="replace")

    def address(self, frontend=None, bind=0):
        """Where the frontend (the first one) listens."""
        frontends = self.config["frontends"]
        return frontends[frontend or next(iter(frontends))]["bind"][bind]["address"]

    # Admin endpoints

    def get(self, path, timeout_s=10):
        """(status, body) of an admin endpoint."""
        connection = admin_connection(self.admin, timeout_s)
        try:
            return get_over(connection, path)
        finally:
            connection.close()

    def request(self, method, path, body=None, headers=None, connection=None):
        """(status, decoded body) of an admin endpoint; `body` goes as JSON unless it is text."""
        own = connection or admin_connection(self.admin)
        try:
            text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
            own.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
            response = own.getresponse()
            return response.status, json.loads(response.read())
        finally:
            if connection is None:
                own.close()

    def patch(self, server, backend="b", connection=None, **change):
        """Changes a server; its state from then on."""
        status, answer = self.request(
            "PATCH", f"/v1/backends/{backend}/servers/{server}", change, connection=connection
        )
        assert status == 200, answer
        return answer

    def stats(self, connection=None):
        """The tree; over a connection that is open already, if there is one."""
        status, body = get_over(connection, "/stats") if connection else self.get("/stats")
        assert status == 200, body
        return json.loads(body)

    def frontend(self, name):
        return self.stats()["frontends"][name]

    def backend(self, name="b"):
        return self.stats()["backends"][name]

    def server(self, name, backend="b"):
        return self.backend(backend)["servers"][name]

    def wait_status(self, server, status, backend="b"):
        wait_until(lambda: self.server(server, backend)["status"] == status, f"{backend}/{server} is {status}")

    # Logs

    def log_lines(self):
        return self.log_path.read_text().splitlines() if self.log_path.exists() else []

    def records(self):
        """What the log says of connections, decoded: the tests' configurations log JSON. Other lines tell of servers."""
        return [json.loads(line) for line in self.log_lines() if '"end_reason"' in line and line.endswith("}")]

    def wait_log(self, count=1):
        """At least `count` of them."""
        return wait_until(lambda: len(self.records()) >= count and self.records(), f"{count} log lines")

    # The process as the kernel sees it

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    # The end

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout_s=PATIENCE_S):
        """The exit status, after looking for reports of sanitizers and failed assertions."""
        status = self.process.wait(timeout_s)
        faults = self.stderr
        assert not FAULTS.search(faults), faults
        return status

    def stop(self, status=0):
        """TERM, drain, and the exit status that this should have."""
        self.signal(signal.SIGTERM)
        assert self.wait() == status, self.stderr

    def clean_up(self):
        """For the end of a test: TERM until it is gone, since two that come together are one. The second one that it
        sees ends every connection. A crash in between fails the test."""
        try:
            wait_until(self._gone_or_told, "corelane ends after TERM")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        status = self.wait()
        assert status >= 0, f"corelane ended by signal {-status}: {self.stderr}"

    def _gone_or_told(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.poll() is not None


def get_over(connection, path):
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error


def admin_connection(address, timeout_s=10):
    if not address.startswith("unix:"):
        host, _, port = address.rpartition(":")
        return http.client.HTTPConnection(host, int(port), timeout=timeout_s)
    connection = http.client.HTTPConnection("localhost", timeout=timeout_s)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(timeout_s)
    connection.sock.connect(address[len("unix:") :])
    return connection
