# SPDX-License-Identifier: Apache-2.0
"""A Varnish of the tests' own."""

import subprocess

from .peers import wait_listening
from .ports import free_port
from .process import WITH_PARENT

# It adds the address of who asked it to X-Forwarded-For, which servers are not to see here.
VCL = """
vcl 4.1;
backend origin {{ .host = "{host}"; .port = "{port}"; }}
sub vcl_recv {{
  set req.http.X-Forwarded-For = regsub(req.http.X-Forwarded-For, ", [^,]*$", "");
  if (req.url == "/alive") {{ return (pass); }}
}}
sub vcl_backend_response {{ set beresp.ttl = 10m; }}
sub vcl_deliver {{
  if (obj.hits > 0) {{ set resp.http.X-Cache = "{name} HIT"; }} else {{ set resp.http.X-Cache = "{name} MISS"; }}
}}
"""


class Varnish:
    """Caches what the server at `origin` says, and says so in X-Cache: its `name`, and HIT or MISS."""

    def __init__(self, folder, name, origin):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        folder.mkdir(parents=True)
        host, _, port = origin.rpartition(":")
        (folder / "cache.vcl").write_text(VCL.format(host=host, port=port, name=name))
        self._log = folder / "varnish.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*WITH_PARENT, "varnishd", "-j", "none", "-F", "-a", self.address, "-f", folder / "cache.vcl",
                 "-n", folder / "work", "-s", "malloc,16m", "-p", "thread_pools=1", "-p", "thread_pool_min=10"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        wait_listening(self.process, self.address, self._log, "varnish")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
