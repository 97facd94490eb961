# SPDX-License-Identifier: Apache-2.0
"""The demo's parts without a process: its folder, its script, its dice, the till's own book."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from agent.commands.demo.chaos import DIFFERENCE_FILE
from agent.commands.demo.dice import Click, Kill, Throw, deeds
from agent.commands.demo.folder import FolderBusy, FolderTaken, demo_folder
from agent.commands.demo.scenes import SCENES, Place
from agent.commands.demo.stage import customer_of, money
from agent.commands.demo.switches import CHAOS, NETWORK, OPTIONS, SWITCHES
from agent.commands.demo.till import Call, Reply
from agent.commands.demo.tillbook import CALLS_MAX, TillBook
from agent.commands.demo.tour import Tour
from agent.domain.money import Money
from agent.sandbox import Fault, Faults
from agent.words import message_ids

PAGE = Path("docs/demo.md").read_text(encoding="utf-8")
KEY = "0421-03-1763600000000-7K3QF2ZA"


def test_the_folder_is_emptied_at_each_start(tmp_path: Path) -> None:
    for _ in range(2):
        with demo_folder(tmp_path / "demo") as folder:
            assert [each.name for each in folder.iterdir()] == [".countermark-demo"]
            (folder / "state").mkdir()
            (folder / "state" / "file").write_text("old")
            (folder / "link").symlink_to(tmp_path)
    assert tmp_path.exists()


def test_a_folder_of_somebody_else_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    with pytest.raises(FolderTaken), demo_folder(tmp_path):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["letters"]


def test_one_demo_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    with demo_folder(tmp_path) as folder:
        (folder / "file").write_text("mine")
        with pytest.raises(FolderBusy), demo_folder(tmp_path):
            pass
        assert (folder / "file").read_text() == "mine"


def test_what_a_difference_left_behind_is_put_aside(tmp_path: Path) -> None:
    for number in (1, 2):
        with demo_folder(tmp_path) as folder:
            (folder / "journal").write_text(f"run {number}")
            (folder / DIFFERENCE_FILE).write_text("{}")
    with demo_folder(tmp_path) as folder:
        assert (folder / "kept" / "1" / "journal").read_text() == "run 1"
        assert (folder / "kept" / "2" / DIFFERENCE_FILE).exists()
        assert not (folder / "journal").exists()


def test_every_scene_has_its_words_and_every_step_its_deed() -> None:
    ids = message_ids()
    for scene in SCENES:
        assert {scene.title_id(), scene.intro_id()} <= ids
        assert f"| {title_of(scene.title_id())} |" in PAGE
        for step in scene.steps:
            assert scene.step_id(step) in ids
            assert callable(getattr(Tour, f"_{scene.name}_{step.name}", None)), step
    named = re.compile(r"stage\.scene\.([a-z]+)\.([a-z]+)")
    said = {found.groups() for each in ids if (found := named.fullmatch(each))}
    steps = {(scene.name, step.name) for scene in SCENES for step in scene.steps}
    assert {each for each in said if each[1] not in ("title", "intro")} == steps


def title_of(message_id: str) -> str:
    from agent.words import say

    return say(message_id)


def test_next_leads_through_every_step_of_every_scene_once() -> None:
    place, walked = Place(), []
    while not place.at_end:
        scene = place.enters()
        if scene is not None:
            place = Place(scene)
            continue
        step = place.step()
        assert place.current is not None
        assert step is not None
        walked.append((place.current.name, step.name))
        place = Place(place.scene, place.done + 1)
    assert walked == [(scene.name, step.name) for scene in SCENES for step in scene.steps]
    assert place.enters() is None


def test_every_fault_of_the_sandbox_has_a_switch_and_words_or_is_the_plug() -> None:
    assert {*SWITCHES, NETWORK} == set(Fault)
    for fault in SWITCHES:
        assert f"stage.fault.{fault.value.replace('_', '-')}" in message_ids()


def test_every_fault_is_thrown_with_options_that_the_sandbox_takes() -> None:
    board = Faults()
    for fault, options in [*OPTIONS.items(), *CHAOS]:
        board.set(fault, **dict(options))
    assert {fault for fault, _ in CHAOS} == set(Fault)


def test_the_same_seed_throws_the_same_dice() -> None:
    thrown = list(islice(deeds(7), 400))
    assert thrown == list(islice(deeds(7), 400))
    assert thrown != list(islice(deeds(8), 400))
    kinds = {type(deed) for _, deed in thrown}
    assert {Click, Throw, Kill} <= kinds
    assert all(0 < pause_s < 1 for pause_s, _ in thrown)


@pytest.mark.parametrize("text", ["", "0", "-5", "1.234", "x", "1e3", "<b>"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|point"):
        money(text)


def test_an_amount_is_read_as_it_was_typed() -> None:
    assert money(" 25 ") == Money(2500, "USD")
    assert customer_of("walk-in", "a@b.c", "a@b") == {"skipped": True}
    assert customer_of("typo", "a@b.c", "a@b") == {"email": "a@b"}


def body(number: int = 1, minor: int = 2000) -> dict[str, object]:
    amount = {"minor": minor, "currency": "USD"}
    return {"amount": amount, "pos": {"transaction": f"T{number:06d}"}}


def credit(answer: str | None, revision: int, state: str = "parked") -> Reply:
    told = {"key": KEY, "answer": answer, "state": state, "revision": revision}
    return Reply(202, told, 0.1)


def test_the_till_counts_each_key_once_and_by_its_own_amount() -> None:
    book = TillBook()
    sale = book.open(body())
    assert book.promises() == {}
    for revision, answer in enumerate((None, "voucher", "confirmed")):
        book.heard(sale.name, credit(answer, revision))
    assert [each.amount for each in book.promises().values()] == [Money(2000, "USD")]


def test_a_word_once_heard_stays_promised_and_an_older_answer_changes_nothing() -> None:
    book = TillBook()
    sale = book.open(body())
    book.heard(sale.name, credit("voucher", 5))
    book.heard(sale.name, credit("ask-a-manager", 6, "voiding"))
    assert list(book.promises()) == [KEY]
    latest = book.heard(sale.name, credit(None, 2))
    assert (latest.word, latest.told) == ("ask-a-manager", True)
    book.void_asked(sale.name)
    assert book.promises()[KEY].void_asked


@pytest.mark.parametrize("answer", ["ask-a-manager", "pending", "refused", None])
def test_only_confirmed_and_voucher_are_promises(answer: str | None) -> None:
    book = TillBook()
    sale = book.open(body())
    assert not book.heard(sale.name, credit(answer, 1)).told
    assert book.promises() == {}


def test_a_problem_is_shown_and_makes_no_credit() -> None:
    book = TillBook()
    sale = book.open(body())
    heard = book.heard(sale.name, Reply(503, {"code": "observing"}, 0.1))
    assert (heard.key, heard.latest["code"], heard.wants_word) == (None, "observing", True)


def test_the_till_keeps_its_last_calls_and_no_pairing() -> None:
    book = TillBook()
    book.note(Call("POST", "/v1/pairings", None, Reply(201, {"token": "secret"}, 0.1)))
    for number in range(CALLS_MAX + 5):
        book.note(Call("POST", "/v1/credits", f"pos-{number}", None))
    calls = book.calls()
    assert len(calls) == CALLS_MAX
    assert calls[-1]["status"] is None
    assert "secret" not in str(calls)
