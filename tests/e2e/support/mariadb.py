# SPDX-License-Identifier: Apache-2.0
"""MariaDB servers of the tests' own: own data folder, own port, as a user without rights."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pymysql

from .ports import free_port
from .process import WITH_PARENT
from .waiting import wait_until

USER, DATABASE = "corelane", "sbtest"
INSTALL_S = 120
# Two of these fit into the time-out of a test that starts a server again.
START_S = 45

# A stalled disk is none of these tests' business, nor are the kernel's rings in the server.
NO_WAITING_FOR_THE_DISK = ["--innodb-flush-method=nosync", "--innodb-use-native-aio=0"]

INIT_SQL = f"""
CREATE DATABASE IF NOT EXISTS {DATABASE};
CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '';
GRANT ALL ON {DATABASE}.* TO '{USER}'@'%';
"""


def run_as():
    """The server refuses to run as root, unless told which user to become."""
    return ["--user=mysql"] if os.getuid() == 0 else []


class DataFolders:
    """Makes data folders: the first one takes seconds, the others are copies of it."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="corelane-mariadb-"))
        # The server's user must be able to walk in.
        self.root.chmod(0o755)
        self._template = self.root / "template"

    def make(self, name):
        if not self._template.exists():
            unfinished = Path(tempfile.mkdtemp(dir=self.root))
            subprocess.run(
                ["mariadb-install-db", "--no-defaults", f"--datadir={unfinished}", *run_as(), *NO_WAITING_FOR_THE_DISK,
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M"],
                check=True, capture_output=True, timeout=INSTALL_S,
            )
            unfinished.rename(self._template)
        folder = self.root / name
        # What a test left that was ended in the middle of this.
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._template, folder / "data")
        if os.getuid() == 0:
            user = pwd.getpwnam("mysql")
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid)
        return folder

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


class MariaDb:
    """One server; `number` is its @@server_id, by which answers tell who gave them."""

    def __init__(self, folder, number, *options):
        self.folder, self.number, self.options = folder, number, options
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        (folder / "init.sql").write_text(INIT_SQL)
        self.start()

    def start(self):
        """Runs it until it answers; one that does not is started once more."""
        for last in (False, True):
            self._run()
            try:
                return wait_until(self._answers, f"MariaDB {self.number} answers", START_S)
            except AssertionError as error:
                self.kill()
                if last:
                    raise AssertionError(f"{error}\n{self._log.read_text()}") from error

    def _run(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "mariadbd", "--no-defaults", *run_as(), f"--datadir={self.folder}/data",
                 f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", f"--init-file={self.folder}/init.sql",
                 f"--port={self.port}", "--bind-address=127.0.0.1", f"--server-id={self.number}", "--skip-log-bin",
                 "--skip-name-resolve", "--skip-performance-schema", "--max-connections=500", "--back-log=512",
                 "--max-allowed-packet=128M", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=256M",
                 "--innodb-flush-log-at-trx-commit=0", *NO_WAITING_FOR_THE_DISK, "--net-read-timeout=120",
                 "--net-write-timeout=120", *self.options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )

    def _answers(self):
        assert self.process.poll() is None, "it has ended"
        try:
            connect(self.address, connect_timeout=5, read_timeout=5).close()
            return True
        except pymysql.MySQLError:
            return False

    def kill(self):
        """As with kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


def connect(address, **options):
    host, _, port = address.rpartition(":")
    patience = {"connect_timeout": 30, "read_timeout": 60, "write_timeout": 60}
    return pymysql.connect(
        host=host, port=int(port), user=USER, password="", database=DATABASE, autocommit=True, **{**patience, **options}
    )


def query(connection, statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def server_id(connection):
    return query(connection, "SELECT @@server_id")[0][0]
