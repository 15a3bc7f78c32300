# SPDX-License-Identifier: Apache-2.0
"""Clients of a MariaDB server that notice which of their connections break."""

import threading
import time
from collections import Counter

import pymysql

from .mariadb import connect, server_id
from .waiting import wait_until


class Load:
    """Clients that ask one query after the other, each on one connection as long as that stands."""

    def __init__(self, address, clients):
        self.address = address
        self.stopping = threading.Event()
        self.lost = Counter()  # connections lost, by the server they were at
        self.refused = 0  # new connections that no server took
        self.answers = Counter()  # by server
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self.stopping.is_set():
            try:
                connection = connect(self.address)
                number = server_id(connection)
            except pymysql.MySQLError:
                self.refused += 1
                time.sleep(0.05)
                continue
            try:
                while not self.stopping.is_set():
                    assert server_id(connection) == number
                    self.answers[number] += 1
                    time.sleep(0.002)
                connection.close()
            except pymysql.MySQLError:
                self.lost[number] += 1

    def stop(self):
        self.stopping.set()
        for thread in self._threads:
            thread.join(60)

    def more_answers_of(self, number, count):
        before = self.answers[number]
        wait_until(lambda: self.answers[number] >= before + count, f"{count} more answers of server {number}")
