# SPDX-License-Identifier: Apache-2.0
"""A platform that refuses our token, as store IT meets it: status, readiness and numbers."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

from tests.daemon.process import MODULE, Daemon, sandbox, settings_in


def switch_on(control: str, name: str) -> None:
    request = urllib.request.Request(  # noqa: S310 -- loopback
        f"{control}/sandbox/faults",
        data=json.dumps({"name": name, "on": True}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request):  # noqa: S310 -- loopback
        return


def test_one_refused_credit_tells_store_it_what_to_do(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (url, control):
        settings = settings_in(tmp_path, url)
        with Daemon(tmp_path, settings) as daemon:
            switch_on(control, "token_expired")
            daemon.post(1)
            found = daemon.client.get("/readyz")
            assert found["ready"] is True
            (reason,) = found["reasons"]
            assert "refuses our token" in reason
            assert "No credit is lost" in reason
            assert "countermark_platform_refuses_us 1.0" in daemon.client.text("/metrics")
            status = daemon.client.get("/v1/status")
            assert status["link"]["why"] == "auth"
            assert status["registers"][0]["waiting"]["count"] == 1
            words = [*MODULE, "status", "--settings", str(settings)]
            told = subprocess.run(words, capture_output=True, text=True, timeout=60)
            assert told.returncode == 1
            assert reason in told.stdout
            assert daemon.stop() == 0
