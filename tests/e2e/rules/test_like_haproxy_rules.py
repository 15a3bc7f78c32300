# SPDX-License-Identifier: Apache-2.0
"""The same conditions send the same requests where HAProxy sends them."""

import pytest
from support import configs
from support.haproxy import HaProxy
from support.http_peers import HttpServer, landing, says
from support.ports import free_port

# Every condition is a frontend's only rule: it sends to `yes` what it holds for, and all else to `no`. In both
# languages it is the same text.
CONDITIONS = [
    "{ path /a/b.png }",
    "{ path_beg /static /a }",
    "{ path_beg -i /A }",
    "{ path_end .png .css }",
    "{ path_sub b.p }",
    "{ path_dir a }",
    "{ path_dir a/b.png x }",
    "{ path_reg ^/[a-z]+/b\\.png$ }",
    "{ path_reg -i ^/A }",
    "{ path_len 8 }",
    "{ path_len gt 3 lt 2 }",
    "{ url_beg /a }",
    "{ url_dir b.png }",
    "{ pathq -m sub ?x=1 }",
    "{ query -m found }",
    "{ query x=1 }",
    "{ base -m beg www.example.com/a }",
    "{ base_dom example }",
    "{ method POST }",
    "METH_GET",
    "!METH_GET",
    "{ hdr(host) www.example.com }",
    "{ hdr(host) -i WWW.EXAMPLE.COM }",
    "{ hdr_beg(host) www. }",
    "{ hdr_end(host) .com }",
    "{ hdr_sub(host) ample }",
    "{ hdr_dom(host) example }",
    "{ hdr_dom(host) example.com }",
    "{ hdr_dom(host) xample.com }",
    "{ hdr_reg(host) ^www }",
    "{ hdr_len(host) 15 }",
    "{ hdr(x-list) two }",
    "{ hdr(x-list,1) two }",
    "{ hdr(x-list,-1) three }",
    "{ hdr(x-list),lower one }",
    "{ req.fhdr(x-list) -m sub two,three }",
    "{ hdr_cnt(x-list) 3 }",
    "{ hdr_cnt(x-list) ge 2 }",
    "{ req.fhdr_cnt(x-list) 1 }",
    "{ hdr_cnt(x-empty) gt 0 }",
    "{ req.fhdr_cnt(x-empty) gt 0 }",
    "{ hdr(x-empty) -m found }",
    "{ hdr_val(x-num) 42 }",
    "{ hdr_val(x-num) 40:50 }",
    "{ hdr_val(x-num) gt 42 }",
    "{ hdr_val(x-num) lt 0 }",
    "{ hdr_ip(x-forwarded-for) 192.0.2.0/24 }",
    "{ hdr_ip(x-forwarded-for,-1) 10.0.0.0/8 }",
    "{ hdr_ip(x-forwarded-for) 2001:db8::/32 }",
    "{ hdr(user-agent) -m found }",
    "!{ hdr(user-agent) -m found }",
    "{ cook(user) bob }",
    "{ cook(user) -m beg b }",
    "{ cook(user) -m found }",
    "{ cook_cnt(user) 2 }",
    "{ cook_val(n) ge 5 }",
    "{ urlp(x) 1 }",
    "{ urlp(y) 2 }",
    "{ urlp(y) -m found }",
    "{ url_param(name) -m sub %20 }",
    "{ urlp(name),url_dec 'a b' }",
    "{ urlp_val(x) ge 1 }",
    "{ src 127.0.0.0/8 }",
    "{ src 10.0.0.0/8 192.168.0.0/16 }",
    "{ src,ipmask(8) 127.0.0.0 }",
    "{ dst 127.0.0.1 }",
    "{ src_port 1024:65535 }",
    "{ req.ver 1.1 }",
    "{ http_first_req }",
    "LOCALHOST HTTP_1.1",
    "{ always_true }",
    "{ nbsrv(no) ge 1 }",
    "{ nbsrv(yes) gt 1 }",
    "{ path_beg /a } { urlp(x) 1 }",
    "{ path_beg /zzz } or { urlp(x) 1 }",
    "{ path_beg /a } !{ hdr(host) -i www.example.com } || { method POST }",
    "{ path,field(2,/) a }",
    "{ path,field(-1,/) b.png }",
    "{ path,field(9,/) -m found }",
    "{ path,field(1,/) -m found }",
    "{ path,word(1,/) a }",
    "{ path,word(-1,/) b.png }",
    "{ path,word(1,/,2) a/b.png }",
    "{ path,word(-1,/,2) a/b.png }",
    "{ path,bytes(1,1) -m str a }",
    "{ path,bytes(1,1) -m bin 61 }",
    "{ path,bytes(50,1) -m found }",
    "{ path,upper /A/B.PNG }",
    "{ path,length 8 }",
    "{ path,regsub(/a/,/z/) /z/b.png }",
    "{ path,regsub(/,_,g) -m beg _a_ }",
    "{ path,crc32 gt 2000000000 }",
    "{ path,sdbm,mod(3) 1 }",
    "{ path,djb2,and(1) 1 }",
    "{ path,hex -m beg 2F61 }",
    "{ path,base64 -m beg L2Ev }",
    "{ path,ltrim(/) -m beg a }",
    "{ hdr_val(x-num),mul(2),add(1),odd }",
    "{ int(3),not }",
    "{ str(a) a }",
]

REQUESTS = {
    "plain": ["GET /a/b.png HTTP/1.1", "Host: www.example.com"],
    "query": ["GET /a/b.png?x=1&y=2&x=3&name=a%20b HTTP/1.1", "Host: WWW.Example.com"],
    "root": ["GET / HTTP/1.1", "Host: example.com", "X-Num: -7", "X-Empty:"],
    "post": ["POST /form?x=0;y= HTTP/1.1", "Host: xample.com:81", "Content-Length: 0", "X-Num: 42"],
    "lists": ["GET /zzz HTTP/1.1", "Host: www.example.com:8080", "X-List: ONE", "X-List: two,three", "X-Num: 42abc"],
    "one-list": ["GET /static/x.css HTTP/1.1", "Host: h", "X-List: one, two,three", "X-Num: x"],
    "forwarded": ["GET /A/b HTTP/1.1", "Host: h", "X-Forwarded-For: 192.0.2.7, junk, 10.0.0.1"],
    "forwarded6": ["GET /a HTTP/1.1", "Host: h", "X-Forwarded-For: 2001:db8::7"],
    "cookies": ["GET /b/a HTTP/1.1", "Host: h", "Cookie: user=bob; n=5", "Cookie: user=eve", "User-Agent: test"],
    "cookie": ["GET /b?a=/a HTTP/1.1", "Host: h", "Cookie: xuser=bob; user=; n=x", "User-Agent:"],
    "absolute": ["GET http://www.example.com/a/b.png?x=1 HTTP/1.1", "Host: www.example.com"],
}


def our_config(servers, ports):
    config = configs.http()
    config["frontends"] = {
        f"f{number}": {
            "bind": [{"address": f"127.0.0.1:{port}"}],
            "use_backend": [{"backend": "yes", "if": condition}],
            "default_backend": "no",
        }
        for number, (condition, port) in enumerate(zip(CONDITIONS, ports))
    }
    config["backends"] = {name: {"servers": configs.named([address])} for name, address in servers.items()}
    return config


def haproxy_config(servers, ports):
    lines = ["defaults http", "  mode http", "  timeout connect 5s", "  timeout client 60s", "  timeout server 60s"]
    for number, (condition, port) in enumerate(zip(CONDITIONS, ports)):
        lines += [f"frontend f{number}", f"  bind 127.0.0.1:{port}", f"  use_backend yes if {condition}",
                  "  default_backend no"]
    for name, address in servers.items():
        lines += [f"backend {name}", f"  server s1 {address}"]
    return "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n"


@pytest.fixture
def servers():
    with HttpServer(says("yes")) as yes, HttpServer(says("no")) as no:
        yield {"yes": yes.address, "no": no.address}


def test_conditions(corelane, servers, tmp_path):
    ours = [free_port() for _ in CONDITIONS]
    theirs = [free_port() for _ in CONDITIONS]
    proxy = corelane(our_config(servers, ours))
    differences = []
    landings = set()
    with HaProxy(tmp_path / "haproxy", haproxy_config(servers, theirs)):
        for condition, our_port, their_port in zip(CONDITIONS, ours, theirs):
            for name, lines in REQUESTS.items():
                message = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
                here, there = landing(our_port, message), landing(their_port, message)
                landings.add(here)
                if here != there:
                    differences.append(f"{condition} {name}: {here} and not {there}")
    assert not differences, "\n".join(differences)
    assert landings == {"yes", "no"}
    proxy.stop()
