# SPDX-License-Identifier: Apache-2.0
"""JSON Web Tokens that are signed with private keys."""

import base64
import json
import subprocess

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpClient, HttpServer, request, response
from support.process import command

KEYS = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "512": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]}
ALGORITHMS = [f"{kind}{bits}" for kind in ("RS", "ES") for bits in (256, 384, 512)]
NUMBER_BYTES = {"256": 32, "384": 48, "512": 66}


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, input=data).stdout


def key_name(algorithm):
    return "rsa" if algorithm.startswith("RS") else algorithm[2:]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name, words in KEYS.items():
        openssl("genpkey", *words, "-out", str(folder / f"{name}.key"))
        openssl("pkey", "-in", str(folder / f"{name}.key"), "-pubout", "-out", str(folder / f"{name}.pem"))
    return folder


def text_of(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def numbers_of(der):
    """The two integers of an ECDSA signature."""
    at = 2 if der[1] < 0x80 else 3
    found = []
    for _ in range(2):
        size = der[at + 1]
        found.append(int.from_bytes(der[at + 2:at + 2 + size], "big"))
        at += 2 + size
    return found


def token(keys, algorithm):
    text = b".".join(text_of(json.dumps(part).encode()) for part in ({"alg": algorithm}, {"sub": "ann"}))
    signature = openssl("dgst", f"-sha{algorithm[2:]}", "-sign", str(keys / f"{key_name(algorithm)}.key"), data=text)
    if algorithm.startswith("ES"):
        size = NUMBER_BYTES[algorithm[2:]]
        signature = b"".join(number.to_bytes(size, "big") for number in numbers_of(signature))
    return (text + b"." + text_of(signature)).decode()


def expression(keys, algorithm):
    return f'http_auth_bearer,jwt_verify({algorithm},"{keys / key_name(algorithm)}.pem")'


def verdicts(address, tokens):
    found = []
    for algorithm, text in tokens:
        with HttpClient(address) as client:
            got = client.ask(request("GET", f"/{algorithm}", f"Authorization: Bearer {text}"))
        found.append(got.one("x-valid"))
    return found


@pytest.mark.sanitize
def test_tokens_like_haproxy(corelane, keys, tmp_path):
    tokens = []
    for algorithm in ALGORITHMS:
        sound = token(keys, algorithm)
        head, payload, signature = sound.split(".")
        changed = ("B" if signature[20] == "A" else "A")
        tokens += [(algorithm, sound), (algorithm, f"{head}.{payload}.{signature[:20]}{changed}{signature[21:]}"),
                   (algorithm, f"{head}.{payload}x.{signature}"), (algorithm, f"{head}.{payload}."), (algorithm, "a.b"),
                   (algorithm, token(keys, "RS256" if algorithm != "RS256" else "RS384"))]
    ours, theirs = [], []
    for algorithm in ALGORITHMS:
        ours.append({"action": "set-var", "name": "txn.valid", "expression": expression(keys, algorithm),
                     "if": f"{{ path /{algorithm} }}"})
        theirs.append(f"  http-request set-var(txn.valid) http_auth_bearer,jwt_verify(\"{algorithm}\",\"{keys / key_name(algorithm)}.pem\")"
                      f" if {{{{ path /{algorithm} }}}}")
    answer = {"action": "return", "headers": [{"name": "X-Valid", "value": "<%[var(txn.valid)]>"}]}
    sections = "\n".join(["defaults http", "  mode http", "  timeout client 60s", "frontend f", "  bind {address}", *theirs,
                          "  http-request return status 200 hdr X-Valid <%[var(txn.valid)]>", ""])
    with HttpServer(response(200)) as server:
        proxy = corelane(configs.http(server.address, frontend={"http_request": [*ours, answer]}))
        with HaProxy(tmp_path / "haproxy", sections) as haproxy:
            here, there = verdicts(proxy.address("f"), tokens), verdicts(haproxy.address, tokens)
        assert [(which, a) for which, a in zip(tokens, here)] == [(which, b) for which, b in zip(tokens, there)]
        assert here[::6] == ["<1>"] * 6 and here[1::6] == ["<0>"] * 6
        proxy.stop()


@pytest.mark.parametrize("words, fault", [
    ("RS256,none.pem", "No such file"),
    ("RS256,256.pem", "none for RSA"),
    ("ES256,384.pem", "the curve"),
    ("ES256,rsa.key", "no public key"),
    ("RS256,txn.key", "not a variable"),
    ("RS257,rsa.pem", 'did you mean "RS256"'),
])
def test_faults(words, fault, keys):
    config = configs.http("127.0.0.1:1", frontend={"http_request": [
        {"action": "deny", "unless": f"{{ http_auth_bearer,jwt_verify({words}) 1 }}"}]})
    (keys / "config.json").write_text(json.dumps(config))
    checked = command("check", str(keys / "config.json"))
    assert checked.returncode == 1 and fault in checked.stderr, checked.stderr
