# SPDX-License-Identifier: Apache-2.0
"""A Postfix of the tests' own: own configuration, own queue, free ports. Its master runs as root only."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from .peers import connect
from .ports import free_port
from .process import WITH_PARENT
from .waiting import wait_until

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.example
mydestination = mail.example
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
smtputf8_enable = no
alias_maps =
alias_database =
local_recipient_maps =
postscreen_upstream_proxy_protocol = haproxy
postscreen_greet_wait = 1s
"""

MASTER = """
127.0.0.1:{smtpd} inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy
127.0.0.1:{postscreen} inet n - n - 1 postscreen
smtpd     pass   - - n - - smtpd
postlog   unix-dgram n - n - 1 postlogd
pickup    unix   n - n 60 1 pickup
cleanup   unix   n - n - 0 cleanup
qmgr      unix   n - n 300 1 qmgr
rewrite   unix   - - n - - trivial-rewrite
bounce    unix   - - n - 0 bounce
defer     unix   - - n - 0 bounce
proxymap  unix   - - n - - proxymap
anvil     unix   - - n - 1 anvil
scache    unix   - - n - 1 scache
discard   unix   - - n - - discard
error     unix   - - n - - error
local     unix   - n n - - discard
"""


class Postfix:
    """`smtpd` and `postscreen` are addresses that expect a PROXY header."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="corelane-postfix-"))
        # Its processes become another user, who must be able to walk in.
        self.folder.chmod(0o755)
        ports = {"smtpd": free_port(), "postscreen": free_port()}
        self.smtpd, self.postscreen = (f"127.0.0.1:{port}" for port in ports.values())
        (self.folder / "main.cf").write_text(MAIN.format(folder=self.folder))
        (self.folder / "master.cf").write_text(MASTER.format(**ports))
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        self._output = open(self.folder / "output", "wb")
        self._run("check")
        self.process = subprocess.Popen(
            [*WITH_PARENT, "/usr/lib/postfix/sbin/master", "-c", self.folder, "-s"],
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output,
        )
        wait_until(self._listens, "Postfix listens")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self._output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, command):
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.folder, command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def _listens(self):
        assert self.process.poll() is None, (self.folder / "output").read_text() + self.log
        try:
            for address in (self.smtpd, self.postscreen):
                connect(address).close()
            return True
        except OSError:
            return False

    @property
    def log(self):
        path = self.folder / "mail.log"
        return path.read_text() if path.exists() else ""

    def wait_log(self, text):
        try:
            wait_until(lambda: text in self.log, f"{text} in Postfix's log")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log}") from None
