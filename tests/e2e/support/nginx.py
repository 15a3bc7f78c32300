# SPDX-License-Identifier: Apache-2.0
"""An nginx of the tests' own."""

import os
import subprocess

from .peers import wait_listening
from .ports import free_port
from .process import WITH_PARENT

CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2000; }}
http {{
  log_format clients "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $uri";
  access_log {access_log};
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  keepalive_requests 1000000;
  {http}
  server {{
    listen 127.0.0.1:{port} {listen} backlog=2048;
    root {folder}/www;
    {directives}
  }}
}}
"""

TLS = """
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:1m;
"""


class Nginx:
    """Serves the files of `www`, a dict of names and contents; with `proxy_protocol` it expects headers and `clients`
    are the log lines of what they said. With `certificate`, a file of certificate and key, it speaks TLS alone.
    `directives` are more of the server's; {port} in them is its port. `http` is what stands before the server."""

    def __init__(self, folder, www, proxy_protocol=False, certificate=None, directives="", http=""):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        (folder / "www").mkdir(parents=True)
        for name, content in www.items():
            (folder / "www" / name).write_bytes(content)
        if certificate:
            directives = TLS.format(certificate=certificate) + directives
        listen = ["ssl"] * bool(certificate) + ["proxy_protocol"] * proxy_protocol
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(CONFIG.format(
            folder=folder, port=self.port, user=user, directives=directives.replace("{port}", str(self.port)),
            http=http, listen=" ".join(listen),
            access_log=f"{folder}/clients.log clients" if proxy_protocol else "off"))
        self._log = folder / "error.log"
        self.process = subprocess.Popen(
            [*WITH_PARENT, "nginx", "-c", folder / "nginx.conf", "-p", folder, "-e", self._log],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def __enter__(self):
        wait_listening(self.process, self.address, self._log, "nginx")
        return self

    def clients(self):
        return (self._log.parent / "clients.log").read_text().splitlines()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
