# SPDX-License-Identifier: Apache-2.0
"""The checks of this folder find what they are for."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opened
from tests.browser.looks import LOOKS, looked_over

GOOD = (
    "<!doctype html><html lang=en><title>T</title><link rel=icon href='data:,'>"
    "<main><h1>Hello</h1>{}</main>"
)


def test_a_page_with_nothing_wrong_passes_every_look(opened: Opened) -> None:
    for look in LOOKS:
        with opened(look) as page:
            page.set_content(GOOD.format("<button style='min-width:48px;height:48px'>Go</button>"))
            assert looked_over(page) == []


@pytest.mark.parametrize(
    ("part", "finding"),
    [
        ("<button style='width:20px;height:20px'>x</button>", "under 48 px"),
        ("<div style='width:3000px'>x</div>", "scrolls sideways"),
        ("<img src='data:,'>", "image-alt"),
        ("<p style='color:#aaa;background:#fff'>pale</p>", "color-contrast"),
    ],
)
def test_what_is_wrong_is_found(opened: Opened, part: str, finding: str) -> None:
    with opened() as page:
        page.set_content(GOOD.format(part))
        assert any(finding in each for each in looked_over(page))


def test_a_script_error_fails_the_test(opened: Opened) -> None:
    with pytest.raises(AssertionError, match="oh no"), opened() as page:
        page.set_content(GOOD.format("<script>throw new Error('oh no')</script>"))
