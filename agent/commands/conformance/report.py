# SPDX-License-Identifier: Apache-2.0
"""The report of a test: what the vendor keeps, and what a store shows to its own agent.

Its digest finds a changed or cut file, not a forger: whoever may mark a pairing is this host's
administrator already. What `check` guards against is a mistake: a failed run, an old one, a
report of another till.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.commands.conformance.play import Result
from agent.commands.conformance.steps import REQUIRED
from agent.words import ENGLISH, say

FORMAT: Final = "countermark-pos-test/1"
VALID_DAYS: Final = 90
FILE_MAX: Final = 256 * 1024
Json = dict[str, Any]


class ReportRefused(Exception):
    """Why a report marks nothing, by the id of its sentence `pos-test.refused.<why>`."""

    def __init__(self, why: str, **values: str | int) -> None:
        super().__init__(why, values)
        self.why = why
        self.values = values

    def sentence(self) -> str:
        return say(f"pos-test.refused.{self.why}", ENGLISH, **self.values)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was tested, with which agent: name and version of the till's software."""

    name: str
    version: str
    printing: str
    agent: str


def made(
    subject: Subject,
    results: Sequence[Result],
    begun: datetime.datetime,
    ended: datetime.datetime,
) -> Json:
    """The report with its digest. Holds no token, PIN, code or customer."""
    report: Json = {
        "format": FORMAT,
        "agent": subject.agent,
        "integration": {"name": subject.name, "version": subject.version},
        "printing": subject.printing,
        "begun_at": begun.isoformat(timespec="seconds"),
        "ended_at": ended.isoformat(timespec="seconds"),
        "result": verdict(results),
        "steps": [
            {
                "step": each.step,
                "result": each.result,
                "required": each.required,
                "seen": each.seen,
                "advice": each.advice,
            }
            for each in results
        ],
    }
    return {**report, "digest": digest(report)}


def verdict(results: Sequence[Result]) -> str:
    """`passed`; `failed` where a step failed; `partial` where a required one was not played."""
    if any(each.result == "failed" for each in results):
        return "failed"
    passed = {each.step for each in results if each.result == "passed"}
    return "passed" if set(REQUIRED) <= passed else "partial"


def digest(report: Json) -> str:
    """Of everything but itself, in one spelling."""
    kept = {name: value for name, value in report.items() if name != "digest"}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def text_of(report: Json) -> str:
    """The report for a person, line by line."""
    integration = report["integration"]
    lines = [
        say(
            "pos-test.report.head",
            name=integration["name"],
            version=integration["version"],
            agent=report["agent"],
        ),
        say("pos-test.report.when", begun=report["begun_at"], ended=report["ended_at"]),
        "",
    ]
    for each in report["steps"]:
        lines.append(f"{each['result']:8} {each['step']}: {each['seen']}")
        if each["advice"]:
            lines.append(f"{'':8} {each['advice']}")
    lines += ["", say(f"pos-test.end.{report['result']}"), report["digest"], ""]
    return "\n".join(lines)


def read(file: Path) -> Json:
    """Raises `ReportRefused` for what is no report, or was changed."""
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(FILE_MAX))
    except (OSError, ValueError) as error:
        raise ReportRefused("unreadable", file=str(file)) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ReportRefused("unreadable", file=str(file))
    if found.get("digest") != digest(found):
        raise ReportRefused("changed")
    return found


def check(report: Json, pairing: Json, agent: str, now: datetime.datetime) -> None:
    """Whether a report may mark this pairing at an agent of this version.

    Which steps are required is this agent's to say, not the report's. Raises `ReportRefused`.
    """
    results = {each["step"]: each["result"] for each in report["steps"]}
    missing = [name for name in REQUIRED if results.get(name) != "passed"]
    if report["result"] != "passed" or missing or "failed" in results.values():
        raise ReportRefused("not-passed", steps=", ".join(missing) or "-")
    ended = datetime.datetime.fromisoformat(report["ended_at"])
    if ended.tzinfo is None or now - ended > datetime.timedelta(days=VALID_DAYS):
        raise ReportRefused("too-old", days=VALID_DAYS)
    if ended - now > datetime.timedelta(days=1):
        raise ReportRefused("from-the-future", ended=report["ended_at"])
    if major(report["agent"]) < major(agent):
        raise ReportRefused("older-agent", tested=report["agent"], runs=agent)
    if report["printing"] != pairing["printing"]:
        raise ReportRefused("printing", tested=report["printing"], paired=pairing["printing"])
    if pairing["printing"] == "pos" and results.get("prints") != "passed":
        raise ReportRefused("not-passed", steps="prints")
    name = report["integration"]["name"]
    if name.casefold() not in pairing["name"].casefold():
        raise ReportRefused("other-till", tested=name, paired=pairing["name"])


def major(version: str) -> int:
    """The first number of a version; 0 where it is none."""
    first = version.partition(".")[0]
    return int(first) if first.isascii() and first.isdecimal() else 0
