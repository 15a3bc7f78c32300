# SPDX-License-Identifier: Apache-2.0
import resource
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support import configs, process  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from support.node import Node  # noqa: E402

# Thousands of connections need more descriptors than the soft limit usually allows.
_, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


@pytest.fixture
def corelane(tmp_path):
    """corelane(config, ...) starts the program; what still runs at the end of the test is ended."""
    started = []

    def start(config=None, **options):
        directory = tmp_path / f"corelane{len(started) + 1}"
        directory.mkdir()
        started.append(process.Corelane(directory, config, **options))
        return started[-1]

    yield start
    for one in reversed(started):
        one.clean_up()


@pytest.fixture
def balancer(corelane):
    """balancer(*servers, ...) starts one frontend `f` before one backend `b`."""
    return lambda *servers, **options: corelane(configs.tcp(*servers, **options))


@pytest.fixture
def web(corelane):
    """As balancer, in HTTP mode."""
    return lambda *servers, **options: corelane(configs.http(*servers, **options))


@pytest.fixture
def start_nginx(tmp_path):
    """start_nginx(www, ...) starts an Nginx until the end of the test."""
    started = []

    def start(www, **options):
        server = Nginx(tmp_path / f"nginx{len(started) + 1}", www, **options)
        started.append(server)
        return server.__enter__()

    yield start
    for server in started:
        server.__exit__()


@pytest.fixture
def node(tmp_path):
    """node(script, *arguments) runs a script of support/node until the end of the test."""
    started = []

    def start(script, *arguments):
        started.append(Node(tmp_path / f"node{len(started) + 1}.log", script, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.kill()
