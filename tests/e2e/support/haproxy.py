# SPDX-License-Identifier: Apache-2.0
"""A HAProxy of the tests' own."""

import socket
import subprocess

from .peers import read_all
from .ports import free_port
from .process import WITH_PARENT
from .waiting import wait_until

HEAD = """
global
  stats socket {admin} mode 600 level admin
  nbthread 1
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
"""

# For sections of its HTTP mode: `defaults http` and what follows.
HTTP_DEFAULTS = """
defaults http
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
"""


class HaProxy:
    """Runs `sections`, in which {address} stands for an address of its own."""

    def __init__(self, folder, sections):
        folder.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        self._admin = folder / "admin"
        config = HEAD.format(admin=self._admin) + sections.format(address=self.address)
        (folder / "haproxy.cfg").write_text(config)
        self._output = folder / "output"
        with open(self._output, "wb") as output:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "haproxy", "-db", "-f", folder / "haproxy.cfg"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )

    def __enter__(self):
        def answers():
            assert self.process.poll() is None, self._output.read_text()
            try:
                return self.command("show info")
            except OSError:
                return None

        wait_until(answers, "HAProxy answers")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def output(self):
        return self._output.read_text()

    def command(self, text):
        """What the admin socket says to it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self._admin))
            connection.sendall(text.encode() + b"\n")
            return read_all(connection).decode().strip()
