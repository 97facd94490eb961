# SPDX-License-Identifier: Apache-2.0
"""One JSON line per unit of work on standard error.

Under systemd each line begins with its priority (`<6>`, sd-daemon(3)), which the journal takes
off and keeps as a field; elsewhere the line is plain JSON. Every text passes the redaction guard,
and a value whose very name says that it is secret is never written.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

from agent.telemetry.redaction import MASK, redact

TEXT_MAX: Final = 2000
"""Characters of one value; a traceback is cut from its front, where it says least."""
_SECRET_NAMES: Final = frozenset(
    {"token", "pin", "authorization", "email", "phone", "customer", "password", "credential"}
)


class Level(IntEnum):
    """Priorities of syslog (RFC 5424) that we use."""

    ERROR = 3
    WARNING = 4
    INFO = 6
    DEBUG = 7


class Log:
    """Writes lines. `write` takes one whole line without its end; `now_ms`: UTC milliseconds."""

    def __init__(
        self, write: Callable[[str], None], now_ms: Callable[[], int], journald: bool = False
    ) -> None:
        self._write = write
        self._now_ms = now_ms
        self._journald = journald

    def info(self, event: str, **values: str | int | None) -> None:
        self.line(Level.INFO, event, values)

    def warning(self, event: str, **values: str | int | None) -> None:
        self.line(Level.WARNING, event, values)

    def error(self, event: str, **values: str | int | None) -> None:
        self.line(Level.ERROR, event, values)

    def line(self, level: Level, event: str, values: Mapping[str, str | int | None]) -> None:
        """One line. Values that are None are left out."""
        shown: dict[str, str | int] = {
            "at": _rfc3339(self._now_ms()),
            "level": level.name.lower(),
            "event": redact(event[-TEXT_MAX:]),
        }
        for name, value in values.items():
            if value is not None:
                shown[name] = _safe(name, value)
        text = json.dumps(shown, ensure_ascii=True, separators=(",", ":"))
        self._write(f"<{int(level)}>{text}" if self._journald else text)


def route_stdlib(log: Log, *names: str) -> Callable[[], None]:
    """Sends what libraries log (from warnings up) through `log`; the result undoes it."""
    handler = _Handler(log)
    loggers = [logging.getLogger(name) for name in names or ("",)]
    for logger in loggers:
        logger.addHandler(handler)

    def undo() -> None:
        for logger in loggers:
            logger.removeHandler(handler)

    return undo


class _Handler(logging.Handler):
    """From the standard library's records to our lines, the traceback in one value."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        trace = self._format.formatException(record.exc_info) if record.exc_info else None
        self._log.line(level, record.getMessage(), {"logger": record.name, "trace": trace})


def under_journald(environ: Mapping[str, str], descriptor: int = 2) -> bool:
    """Whether `descriptor` is the journal's own stream: JOURNAL_STREAM is set and names it
    (systemd.exec(5): device and inode), and was not merely inherited by a redirected process."""
    device, _, inode = environ.get("JOURNAL_STREAM", "").partition(":")
    if not device.isdecimal() or not inode.isdecimal():
        return False
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (int(device), int(inode))


def _safe(name: str, value: str | int) -> str | int:
    if name.lower() in _SECRET_NAMES:
        return MASK
    return redact(value[-TEXT_MAX:]) if isinstance(value, str) else value


def _rfc3339(at_ms: int) -> str:
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
