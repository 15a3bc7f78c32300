# SPDX-License-Identifier: Apache-2.0
import pytest
from support import configs
from support.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def site(authority):
    """A certificate for a.test, and its key."""
    return authority.server("a.test")


@pytest.fixture(scope="session")
def trusting(authority):
    """What Python's clients need to trust it."""
    return authority.client_context()


@pytest.fixture
def tls_config(site):
    """tls_config(make, servers..., tls={...}) is a configuration of support.configs whose bind has TLS."""

    def make(shape, *servers, tls=None, **options):
        config = shape(*servers, **options)
        config["frontends"]["f"]["bind"][0]["tls"] = {"certificates": [str(site)], **(tls or {})}
        return config

    return make


@pytest.fixture
def tls_tcp(corelane, tls_config):
    return lambda *servers, **options: corelane(tls_config(configs.tcp, *servers, **options))


@pytest.fixture
def tls_web(corelane, tls_config):
    return lambda *servers, **options: corelane(tls_config(configs.http, *servers, **options))
