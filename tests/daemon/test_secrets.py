# SPDX-License-Identifier: Apache-2.0
"""The credential file as the transport meets it: whatever is wrong with it, nothing is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.daemon.parts import plugin, secret_reader
from agent.platforms.catalog import open_platform
from agent.platforms.messages import HttpReply, NotSent
from agent.settings.load import load
from tests.daemon.process import settings_in
from tests.platforms.raw_client import GET, LONG
from tests.platforms.raw_server import OK, answering, raw_server


@pytest.mark.parametrize("wrong", ["missing", "empty", "unset", "open to others"])
async def test_a_credential_that_is_not_fit_leaves_requests_unsent_until_it_is(
    tmp_path: Path, wrong: str
) -> None:
    async with raw_server(answering(OK)) as server:
        settings = load(settings_in(tmp_path, server.url), environment={}).settings
        file = settings.agent.credentials_dir / settings.platform.credential
        texts = {"empty": "", "unset": "unset"}
        file.write_text(texts.get(wrong, "t0ken"), encoding="utf-8")
        file.chmod(0o644 if wrong == "open to others" else 0o600)
        if wrong == "missing":
            file.unlink()
        read = secret_reader(settings, {})
        now_s = 0.0
        async with open_platform(plugin(settings), read, now_s=lambda: now_s) as platform:
            until = asyncio.get_running_loop().time() + LONG
            assert await platform.send(GET, until) == NotSent("credential")
            file.write_text("t0ken", encoding="utf-8")
            file.chmod(0o600)
            now_s += 1
            assert isinstance(await platform.send(GET, until), HttpReply)
        assert len(server.requests) == 1
        assert "t0ken" not in repr(read)
