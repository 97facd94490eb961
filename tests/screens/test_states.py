# SPDX-License-Identifier: Apache-2.0
"""Every state of the main page: what it says, and that nothing but the server decides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.counter import issuing
from tests.screens.browser import shop
from tests.screens.scenes import SCENES


@pytest.mark.parametrize("name", SCENES)
async def test_every_state_is_drawn_and_is_the_same_again(tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    async with shop(tmp_path, [issuing(**scene.register)], press_s=0.05) as house:
        browser = await house.paired()
        await scene.prepare(house, browser)
        first = await browser.get("/screen/03")
        again = await browser.get("/screen/03")
        for page in (first, again):
            assert (page.status, page.state, page.reason) == (200, scene.state, scene.reason)
        assert first.view == again.view
        assert "<h1" in first.html
