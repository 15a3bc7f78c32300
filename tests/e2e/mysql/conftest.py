# SPDX-License-Identifier: Apache-2.0
import pytest
from support.mariadb import DataFolders, MariaDb


@pytest.fixture(scope="session")
def data_folders():
    folders = DataFolders()
    yield folders
    folders.remove()


@pytest.fixture(scope="session")
def _instances(data_folders):
    """Instances by number, started when first asked for."""
    running = {}
    yield running
    for instance in running.values():
        instance.stop()


@pytest.fixture
def mariadb(data_folders, _instances):
    """mariadb(number) is a running server with that @@server_id; what a test killed runs again in the next one."""

    def instance(number):
        if number not in _instances:
            _instances[number] = MariaDb(data_folders.make(str(number)), number)
        elif _instances[number].process.poll() is not None:
            _instances[number].start()
        return _instances[number]

    # Here its first start does not count against a test's time-out.
    instance(1)
    return instance
