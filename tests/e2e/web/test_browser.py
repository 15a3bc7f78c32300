# SPDX-License-Identifier: Apache-2.0
"""A browser before Corelane."""

import json
import shutil
import subprocess

import pytest
from support.process import WITH_PARENT
from support.waiting import wait_until

CHROMIUM = shutil.which("chromium")


@pytest.fixture
def browser(tmp_path):
    """browser(url) opens it."""
    started = []

    def start(url):
        started.append(subprocess.Popen(
            [*WITH_PARENT, CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--no-first-run", "--no-proxy-server",
             f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0", url],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ))

    yield start
    for one in started:
        one.terminate()
        one.wait(30)


@pytest.mark.skipif(not CHROMIUM, reason="the machine's packages have no chromium")
def test_a_page_with_its_parts_a_form_and_a_websocket(web, node, browser):
    site = node("browser_site.js")
    # Browsers open connections that they do not use.
    proxy = web(site.address, lanes=2, frontend={"dont_log_null": True})
    browser(f"http://{proxy.address()}/")
    report = json.loads(site.wait_line("report "))
    assert report == {
        "parts": {"scripts": 10, "styled": 10, "images": 10},
        "upload": "POST 300000 true",
        "websocket": "4000 heard from the page",
    }
    # The page, its parts, the upload and the report; and the browser may ask for an icon, which is not there.
    def statuses():
        return [record["http"]["status"] for record in proxy.records()]

    wait_until(lambda: statuses().count(200) == 33 and statuses().count(101) == 1, "every request is logged")
    assert len(statuses()) - statuses().count(404) == 34
    assert proxy.frontend("f")["connections_total"] < 34
