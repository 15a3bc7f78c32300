# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the files of TLS is said before anything listens."""

import json

import pytest
from support.certificates import Authority
from support.process import command


# Options of a line, what the bind says beside, and what is wrong with that.
LINES = [
    ("allow-0rtt", {}, "in mode tcp nobody can tell"),
    ("allow-0rtt", {"mode": "http", "tickets": False}, "allow-0rtt has no effect unless tickets are on"),
    ("allow-0rtt ssl-max-ver TLSv1.2", {"mode": "http"}, "allow-0rtt has no effect unless tickets are on and ssl-max-ver"),
    ("allow-0rtt", {"mode": "http", "early_data": True}, "the bind has early_data for all names"),
    ("no-alpn", {}, "no-alpn has no effect: the bind offers no protocols"),
    ("no-alpn alpn http/1.1", {"alpn": ["http/1.1"]}, "alpn and no-alpn contradict each other"),
    ("ocsp-update on", {}, "line 1: there is no ocsp-update here: the response is read from a file"),
    ("sigalgs nonsense", {}, "this is no list of signature algorithms"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("faults"))
    authority.server("a.test")
    authority.server("b.test")
    folder = authority.folder
    (folder / "empty").mkdir()
    (folder / "mixed.pem").write_text(
        (folder / "a.test.crt").read_text() + (folder / "b.test.only-key").read_text())
    (folder / "junk.pem").write_text("this is no certificate\n")
    (folder / "good.list").write_text("# one a line\na.test.pem [verify none] a.test !www.a.test\nb.test.pem\n")
    for number, (options, _, _) in enumerate(LINES):
        (folder / f"{number}.list").write_text(f"a.test.pem [{options}]\n")
    (folder / "bad.list").write_text("a.test.pem\nb.test.pem [verifi none]\n")
    return folder


def check(folder, mode="tcp", **tls):
    config = {
        "defaults": {"mode": mode},
        "frontends": {"f": {"bind": [{"address": "127.0.0.1:4433", "tls": tls}], "default_backend": "b"}},
        "backends": {"b": {"servers": [{"name": "s", "address": "127.0.0.1:1"}]}},
    }
    path = folder / "corelane.json"
    path.write_text(json.dumps(config))
    done = command("check", path)
    return done.returncode, done.stderr


def test_sound_ones(folder):
    assert check(folder, certificates=["a.test.pem", "b.test.pem"]) == (0, "")
    assert check(folder, certificate_list="good.list") == (0, "")


@pytest.mark.parametrize(
    "tls, place, words",
    [
        ({"certificates": ["a.tset.pem"]}, "certificates[0]", ["cannot read", "did you mean", "a.test.pem"]),
        ({"certificates": ["empty"]}, "certificates[0]", ["no certificate in it"]),
        ({"certificates": ["a.test.pem", "junk.pem"]}, "certificates[1]", ["junk.pem"]),
        ({"certificates": ["mixed.pem"]}, "certificates[0]", ["key"]),
        ({"certificates": ["a.test.crt"]}, "certificates[0]", ["key"]),
        ({"certificate_list": "bad.list"}, "certificate_list", ["line 2", "verifi", "did you mean", "verify"]),
        ({"certificate_list": "none.list"}, "certificate_list", ["cannot read"]),
        ({"certificates": ["a.test.pem"], "ciphers": "RC4"}, "ciphers", ["RC4"]),
        ({"certificates": ["a.test.pem"], "curves": ["X25518"]}, "curves", ["X25518", "X25519"]),
        ({"certificates": ["a.test.pem"], "ticket_keys": "junk.pem"}, "ticket_keys", ["junk.pem"]),
        ({"certificates": ["a.test.pem"], "verify": "required", "client_ca": "junk.pem"}, "client_ca", ["junk.pem"]),
    ],
)
def test_faulty_ones(folder, tls, place, words):
    status, said = check(folder, **tls)
    assert status != 0
    assert f"frontends.f.bind[0].tls.{place}: " in said, said
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    "tls, said",
    [
        ({}, "certificates or a certificate_list are missing"),
        ({"certificates": ["a.test.pem"], "min_version": "SSLv3"}, '"SSLv3" is not'),
        ({"certificates": ["a.test.pem"], "client_ca": "ca.pem"}, "has no effect unless verify is"),
        ({"certificates": ["a.test.pem"], "verify": "required"}, "client_ca is missing"),
        ({"certificates": ["a.test.pem"], "tickets": False, "ticket_keys": "x"}, "has no effect unless tickets are on"),
        ({"certificates": ["a.test.pem"], "min_version": "TLSv1.3", "max_version": "TLSv1.2"}, "no version is left"),
        ({"certificates": ["a.test.pem"], "min_version": "TLSv1.3", "ciphers": "ALL"}, "has no effect unless min_version"),
        ({"crt": "a.test.pem"}, 'did you mean "certificates"'),
        ({"certificates": ["a.test.pem"], "verify": "require"}, 'did you mean "required"'),
    ],
)
def test_settings(folder, tls, said):
    status, text = check(folder, **tls)
    assert status != 0 and said in text, text


@pytest.mark.parametrize("number", range(len(LINES)))
def test_options_of_lists(folder, number):
    _, tls, said = LINES[number]
    status, text = check(folder, certificate_list=f"{number}.list", **tls)
    assert status != 0 and "frontends.f.bind[0].tls.certificate_list: " in text and said in text, text
