# SPDX-License-Identifier: Apache-2.0
"""One JSON line for each unit of work, safe to send anywhere."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from agent.domain.code import Code
from agent.telemetry import Level, Log, route_stdlib, under_journald

CODE = Code.draw(3, tuple(range(14)))


def at_noon() -> int:
    return 1_795_003_200_250


def test_a_line_is_one_json_object_with_time_level_and_event() -> None:
    lines: list[str] = []
    Log(lines.append, at_noon).info("credit", key="0421-03-1", amount="USD 1.00", ms=12, gone=None)
    assert len(lines) == 1
    assert json.loads(lines[0]) == {
        "at": "2026-11-18T12:00:00.250Z",
        "level": "info",
        "event": "credit",
        "key": "0421-03-1",
        "amount": "USD 1.00",
        "ms": 12,
    }


def test_under_the_journal_a_line_begins_with_its_priority() -> None:
    lines: list[str] = []
    log = Log(lines.append, at_noon, journald=True)
    log.info("a")
    log.warning("b")
    log.error("c")
    log.line(Level.DEBUG, "d", {})
    assert [line[:4] for line in lines] == ["<6>{", "<4>{", "<3>{", "<7>{"]


def test_a_line_break_in_a_value_does_not_make_a_second_line() -> None:
    lines: list[str] = []
    Log(lines.append, at_noon).info("a", text="x\n<0>{}\r\u2028y")
    assert len(lines[0].splitlines()) == 1


def test_neither_codes_nor_secret_names_get_into_a_line() -> None:
    lines: list[str] = []
    log = Log(lines.append, at_noon)
    event = f"failed for {CODE.reveal()}"
    log.error(event, why=CODE.grouped(), pin="1234", token="abc")
    assert CODE.reveal() not in lines[0]
    assert CODE.grouped() not in lines[0]
    said = json.loads(lines[0])
    assert (said["pin"], said["token"]) == ("***", "***")


def test_a_long_value_keeps_its_end() -> None:
    lines: list[str] = []
    Log(lines.append, at_noon).error("a", trace="x" * 5000 + "END")
    said = json.loads(lines[0])["trace"]
    assert len(said) == 2000
    assert said.endswith("END")


def test_what_libraries_log_comes_as_our_lines_with_its_traceback_redacted() -> None:
    lines: list[str] = []
    undo = route_stdlib(Log(lines.append, at_noon), "countermark.test")
    logger = logging.getLogger("countermark.test")
    try:
        raise ValueError(f"bad {CODE.reveal()}")
    except ValueError:
        logger.exception("while %s", "working")
    logger.info("too small")
    undo()
    logger.warning("after")
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert (said["level"], said["event"], said["logger"]) == (
        "error",
        "while working",
        "countermark.test",
    )
    assert "ValueError" in said["trace"]
    assert CODE.reveal() not in said["trace"]


def test_the_journal_is_known_by_the_very_stream(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        found = os.fstat(stream.fileno())
        right = f"{found.st_dev}:{found.st_ino}"
        assert under_journald({"JOURNAL_STREAM": right}, stream.fileno())
        assert not under_journald({"JOURNAL_STREAM": f"{found.st_dev}:1"}, stream.fileno())
        assert not under_journald({"JOURNAL_STREAM": "nonsense"}, stream.fileno())
        assert not under_journald({}, stream.fileno())
        gone = stream.fileno()
    assert not under_journald({"JOURNAL_STREAM": right}, gone)
