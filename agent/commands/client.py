# SPDX-License-Identifier: Apache-2.0
"""Asks the running agent over its Unix socket. Standard library only: a command starts fast."""

from __future__ import annotations

import http.client
import json
import os
import socket
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

TIMEOUT_S: Final = 30.0
ANSWER_MAX: Final = 8 * 1024 * 1024


def segment(word: str) -> str:
    """A word of the command line as one piece of a path, whatever it holds."""
    return quote(os.fsencode(word), safe="")


class AgentUnreachable(Exception):
    """No agent answers on the socket; `why` is for a person."""


class AgentRefused(Exception):
    """The agent said no: the problem document it sent."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(status, problem.get("code"))
        self.status = status
        self.problem = problem


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class AgentClient:
    """One request each; being allowed is a matter of the socket's own user."""

    def __init__(self, socket_path: Path, timeout_s: float = TIMEOUT_S) -> None:
        self._path = socket_path
        self._timeout_s = timeout_s

    def get(self, path: str, **query: str | int) -> Any:
        return self.ask("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.ask("POST", path, body or {})

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)

    def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        more: dict[str, str] | None = None,
    ) -> Any:
        """The JSON answer; `more`: further headers. Raises `AgentUnreachable`, `AgentRefused`."""
        status, text = self._exchange(method, path, body, more)
        answer = json.loads(text) if text.strip() else {}
        if status >= 400:
            raise AgentRefused(status, answer if isinstance(answer, dict) else {})
        return answer

    def text(self, path: str) -> str:
        """An answer that is no JSON; raises `AgentUnreachable`."""
        return self._exchange("GET", path, None, None)[1].decode()

    def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, more: dict[str, str] | None
    ) -> tuple[int, bytes]:
        connection = _UnixConnection(self._path, self._timeout_s)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers.update(more or {})
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, body=data, headers=headers)
            reply = connection.getresponse()
            return reply.status, reply.read(ANSWER_MAX)
        except (OSError, http.client.HTTPException) as error:
            raise AgentUnreachable(f"{self._path}: {error}") from error
        finally:
            connection.close()
