# SPDX-License-Identifier: Apache-2.0
"""A HAProxy of the tests' own, for what must be as there."""

import socket
import subprocess

from .peers import read_all
from .process import WITH_PARENT
from .waiting import wait_until

HEAD = """
global
  stats socket {folder}/admin mode 600 level admin
  nbthread 1
defaults
  mode tcp
  timeout connect 30s
  timeout client 60s
  timeout server 60s
"""


class Haproxy:
    """Runs with the sections of `config` behind a few defaults."""

    def __init__(self, folder, config):
        folder.mkdir(parents=True)
        self._admin = folder / "admin"
        self._log = folder / "log"
        path = folder / "haproxy.cfg"
        path.write_text(HEAD.format(folder=folder) + config)
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "haproxy", "-db", "-f", path], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def __enter__(self):
        def answers():
            assert self.process.poll() is None, self._log.read_text()
            try:
                return self.command("show info")
            except OSError:
                return None

        wait_until(answers, "HAProxy answers")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(30)

    def command(self, text):
        """What the admin socket says to it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self._admin))
            connection.sendall(text.encode() + b"\n")
            return read_all(connection).decode().strip()
