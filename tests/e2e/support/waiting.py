# SPDX-License-Identifier: Apache-2.0
"""Waiting for conditions: always until something is true, never for a guessed time."""

import time

# Sanitizer builds on a busy machine are slow; a deadline is only reached when something is wrong.
PATIENCE_S = 30.0


def wait_until(condition, what, timeout_s=PATIENCE_S, interval_s=0.02):
    """The first true value of condition(); fails with `what` when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(interval_s)


class Stopwatch:
    """with Stopwatch() as watch: ...; watch.seconds"""

    def __enter__(self):
        self.started = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = self.so_far()

    def so_far(self):
        return time.monotonic() - self.started

    @staticmethod
    def sleep(seconds):
        """A pause that is part of what is measured."""
        time.sleep(seconds)
