# SPDX-License-Identifier: Apache-2.0
"""A HAProxy of the tests' own."""

import subprocess

from .peers import connect
from .ports import free_port
from .process import WITH_PARENT
from .waiting import wait_until

DEFAULTS = """
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
"""


class HaProxy:
    """Runs `sections`, in which {address} stands for an address of its own."""

    def __init__(self, folder, sections):
        folder.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        (folder / "haproxy.cfg").write_text(DEFAULTS + sections.format(address=self.address))
        self._output = folder / "output"
        with open(self._output, "wb") as output:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "haproxy", "-db", "-f", folder / "haproxy.cfg"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )

    def __enter__(self):
        def listens():
            assert self.process.poll() is None, self._output.read_text()
            try:
                connect(self.address).close()
                return True
            except OSError:
                return False

        wait_until(listens, "HAProxy listens")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
