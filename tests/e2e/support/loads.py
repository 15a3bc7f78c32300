# SPDX-License-Identifier: Apache-2.0
"""Clients that do not let up."""

import threading


class Load:
    """Threads that each do one thing again and again, until the end of the `with`; what goes wrong is kept."""

    def __init__(self, things):
        self.failures, self.count = [], 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(thing,)) for thing in things]

    def note(self, failure=None):
        """One more is done."""
        with self._lock:
            self.count += 1
            if failure is not None:
                self.failures.append(failure)

    def _run(self, thing):
        while not self._stop.is_set():
            try:
                thing()
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(repr(error))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
