# SPDX-License-Identifier: Apache-2.0
"""What the README shows is what the agent makes: papers to the letter, pages at a glance."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import expect

from agent.domain.outcome import Matched
from agent.domain.record import CreditRecord, PaperKind, State
from agent.printing.options import PaperOptions, VoucherMode
from tests.browser.conftest import Opened
from tests.browser.looks import LOOKS
from tests.browser.pictures import (
    BYTES_MAX,
    DIFFERENCE_MAX,
    FOLDER,
    difference,
    keep_drawing,
    keep_screenshot,
    size_of,
)
from tests.browser.threaded import served
from tests.commands.demo.running import running_demo
from tests.printing.samples import a_confirmed, a_press, a_record
from tests.screens.browser import Shop
from tests.screens.test_day import CUSTOMER, issued

PAPER = "epson-tm-t88v"
STORE = PaperOptions(
    VoucherMode.HOSTED,
    "c.brand.example",
    brand="Corner & Sons",
    store_line="Store 0421 Springfield",
)


@pytest.mark.parametrize(
    ("name", "record", "kind"),
    [
        ("slip.svg", a_confirmed(linked=True), PaperKind.RECEIPT),
        ("voucher.svg", a_record(State.PARKED), PaperKind.VOUCHER),
    ],
)
def test_a_paper_in_the_readme_is_what_the_press_makes(
    name: str, record: CreditRecord, kind: PaperKind
) -> None:
    drawn = a_press(PAPER, STORE).compose(record, kind, 1, None).svg
    assert keep_drawing(name, drawn) == drawn
    assert drawn.startswith("<svg ")


def test_every_kept_picture_is_small_and_is_shown() -> None:
    root = FOLDER.parent.parent
    pages = (root / "README.md").read_text("utf-8")
    pages += "".join(page.read_text("utf-8") for page in (root / "docs").glob("*.md"))
    found = sorted(path for path in FOLDER.iterdir())
    assert found
    for path in found:
        assert path.stat().st_size < BYTES_MAX, path.name
        assert f"pictures/{path.name}" in pages, path.name


def test_another_picture_is_told_from_the_same_one() -> None:
    def png(image: Image.Image) -> bytes:
        data = io.BytesIO()
        image.save(data, "PNG")
        return data.getvalue()

    gradient = Image.linear_gradient("L")
    assert difference(png(gradient), png(gradient)) == 0
    assert difference(png(gradient), png(ImageOps.flip(gradient))) > DIFFERENCE_MAX


async def a_voucher_is_out(house: Shop) -> None:
    """The platform went away after a first credit; the screen's last one is on paper."""
    counter = house.counter
    counter.platform.customers["email", CUSTOMER.value] = [Matched("c-1")]
    (pairing,) = await counter.journal.pairings()
    await issued(counter, 2_000)
    counter.platform.down = True
    for minor in (1_500, 2_500):
        await issued(counter, minor)
    await issued(counter, 4_850, caller=pairing.id)


def test_the_cashiers_page_in_the_readme_is_what_a_cashier_sees(
    opened: Opened, tmp_path: Path
) -> None:
    with (
        served(tmp_path, brand="Corner & Sons", store="0421") as here,
        opened(LOOKS[0], cookies=here.cookies) as page,
    ):
        here.run(lambda: a_voucher_is_out(here.house))
        page.goto(here.main)
        assert page.locator("main").get_attribute("data-state") == "voucher"
        seen = page.screenshot()
    assert_alike("cashier.png", seen)


@pytest.mark.slow
def test_the_demo_and_the_phone_in_the_readme_are_what_the_demo_shows(
    opened: Opened, tmp_path: Path
) -> None:
    """On the phone a credit that was confirmed; then the network is pulled and paper comes out."""
    with running_demo(tmp_path / "demo", "--seed", "7") as demo, opened(LOOKS[0]) as page:
        demo.do("scene", number=1)
        demo.do("issue", amount="48.50", customer="alice")
        page.goto(demo.address)
        expect(page.locator(".handset li").first).to_contain_text("USD 48.50")
        phone = page.locator(".handset").screenshot()
        demo.do("scene", number=2)
        demo.do("next")
        demo.do("next")
        expect(page.locator(".screen .word")).to_have_text("VOUCHER")
        expect(page.locator(".roll img").first).to_have_attribute(
            "alt", re.compile("STORE CREDIT VOUCHER")
        )
        whole = page.screenshot()
    assert_alike("phone.png", phone)
    assert_alike("demo.png", whole)


def assert_alike(name: str, seen: bytes) -> None:
    """The kept picture looks like what is seen now; else it is drawn anew, on purpose, with
    `COUNTERMARK_PICTURES=1`."""
    kept = keep_screenshot(name, seen)
    assert size_of(kept) == size_of(seen), name
    assert difference(kept, seen) < DIFFERENCE_MAX, name
