# SPDX-License-Identifier: Apache-2.0
"""Lines of JSON over a Unix socket: how a harness tells a mounted disk what to do."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMEOUT_S = 20.0


def listening(path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    door.listen()
    return door


def serve(door: socket.socket, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answers one caller after the other, for ever."""
    with door:
        while True:
            caller, _ = door.accept()
            with caller, caller.makefile("rwb") as lines:
                for line in lines:
                    lines.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
                    lines.flush()


class Control:
    """The caller's end. Raises OSError where nobody answers."""

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(TIMEOUT_S)
        self._line.connect(str(path))
        self._lines = self._line.makefile("rwb")

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        self._lines.write(json.dumps({"do": do, **more}).encode() + b"\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def close(self) -> None:
        self._lines.close()
        self._line.close()
