# SPDX-License-Identifier: Apache-2.0
"""Which reports mark a pairing as tested, and which do not; and how answers are read."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.commands.conformance.ground import Failed
from agent.commands.conformance.play import Result
from agent.commands.conformance.report import (
    ReportRefused,
    Subject,
    check,
    digest,
    made,
    major,
    read,
    text_of,
    verdict,
)
from agent.commands.conformance.steps import REQUIRED
from agent.commands.conformance.telling import Answers, Spoken, read_answers

NOW = datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.UTC)
PAIRING = {"id": "P", "name": "Acme POS till 3", "printing": "agent"}
SUBJECT = Subject("Acme POS", "3.2", "agent", "1.4.0")


def results(**changed: str) -> list[Result]:
    """Every required step passed, with other results where they are named (- as _)."""
    names = [*REQUIRED, "approval", "prints"]
    found = {name: "passed" if name in REQUIRED else "skipped" for name in names}
    found |= {name.replace("_", "-"): result for name, result in changed.items()}
    return [Result(name, result, name in REQUIRED, "seen") for name, result in found.items()]


def report(
    subject: Subject = SUBJECT, ended: datetime.datetime = NOW, **changed: str
) -> dict[str, Any]:
    return made(subject, results(**changed), ended - datetime.timedelta(hours=1), ended)


def test_a_passed_report_marks_its_own_till() -> None:
    check(report(), PAIRING, "1.4.0", NOW)
    check(report(), PAIRING, "1.9.0", NOW + datetime.timedelta(days=89))
    assert report()["result"] == "passed"


@pytest.mark.parametrize(
    ("why", "found", "pairing", "agent", "now"),
    [
        ("not-passed", report(hang_up="failed"), PAIRING, "1.4.0", NOW),
        ("not-passed", report(hang_up="skipped"), PAIRING, "1.4.0", NOW),
        ("not-passed", report(approval="failed"), PAIRING, "1.4.0", NOW),
        ("too-old", report(), PAIRING, "1.4.0", NOW + datetime.timedelta(days=91)),
        ("from-the-future", report(), PAIRING, "1.4.0", NOW - datetime.timedelta(days=2)),
        ("older-agent", report(), PAIRING, "2.0.0", NOW),
        ("printing", report(), {**PAIRING, "printing": "pos"}, "1.4.0", NOW),
        ("other-till", report(), {**PAIRING, "name": "Other POS"}, "1.4.0", NOW),
    ],
)
def test_a_report_is_refused_with_its_reason(
    why: str,
    found: dict[str, Any],
    pairing: dict[str, Any],
    agent: str,
    now: datetime.datetime,
) -> None:
    with pytest.raises(ReportRefused) as refused:
        check(found, pairing, agent, now)
    assert refused.value.why == why
    assert refused.value.sentence().startswith("Nothing was marked")


def test_a_till_that_prints_must_have_shown_that_it_reports() -> None:
    subject = Subject("Acme POS", "3.2", "pos", "1.4.0")
    pairing = {**PAIRING, "printing": "pos"}
    check(report(subject, prints="passed"), pairing, "1.4.0", NOW)
    with pytest.raises(ReportRefused, match="not-passed"):
        check(report(subject), pairing, "1.4.0", NOW)


def test_a_report_that_leaves_a_required_step_out_is_no_pass_whatever_it_says() -> None:
    found = report()
    found["steps"] = [each for each in found["steps"] if each["step"] != "conflict"]
    with pytest.raises(ReportRefused, match="not-passed"):
        check(found, PAIRING, "1.4.0", NOW)
    left_out = [each for each in results() if each.step != "conflict"]
    assert verdict(left_out) == "partial"


def test_a_report_is_read_back_and_a_changed_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report()))
    assert read(file) == report()
    file.write_text(json.dumps(report(retry="failed")).replace('"failed"', '"passed"'))
    with pytest.raises(ReportRefused, match="changed"):
        read(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"format": "other/1"}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(ReportRefused, match="unreadable"):
        read(file)
    with pytest.raises(ReportRefused, match="unreadable"):
        read(tmp_path / "none.json")


def test_the_digest_covers_everything_but_itself() -> None:
    found = report()
    assert found["digest"] == digest(found) == digest({**found, "digest": ""})
    assert digest({**found, "agent": "1.4.1"}) != found["digest"]


def test_the_text_says_what_to_mend() -> None:
    wrong = [Result("retry", "failed", True, "It asked again otherwise.", "Keep the key.")]
    text = text_of(made(SUBJECT, wrong, NOW, NOW))
    for part in ("Acme POS 3.2", "failed   retry: It asked", "Keep the key.", "Not passed"):
        assert part in text


@pytest.mark.parametrize(("version", "number"), [("1.2.3", 1), ("0.1.0", 0), ("x", 0), ("12", 12)])
def test_the_major_version_is_the_first_number(version: str, number: int) -> None:
    assert major(version) == number


def test_answers_are_yes_and_no_in_any_spelling() -> None:
    found = read_answers('{"open-504": "Yes", "open-202": true, "prints": "n", "looks-like": 0}')
    assert found == {"open-504": True, "open-202": True, "prints": False, "looks-like": False}
    for wrong in ("[]", "{", '{"prints": "perhaps"}'):
        with pytest.raises(ValueError):
            read_answers(wrong)


async def test_a_question_is_asked_until_it_is_answered_and_never_guessed() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"perhaps\nYES\nno\n")
    os.close(writing)
    answers = Answers(Spoken(as_json=True), {"prints": True}, reading)
    assert await answers.ask("prints") is True
    assert await answers.ask("open-504") is True
    assert await answers.ask("open-202") is False
    for _ in range(2):
        with pytest.raises(Failed, match="no-answer"):
            await answers.ask("looks-like")
    os.close(reading)
