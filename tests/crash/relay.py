# SPDX-License-Identifier: Apache-2.0
"""A wire with a knife: passes bytes on between the daemon and another, until the n-th piece.

That piece goes nowhere: the daemon is killed instead, so a request never arrives, or its answer
never comes back, or a printer has half a paper.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

PIECE: Final = 512
"""Bytes of one piece; a paper has several."""


class Relay:
    """`port`: where the daemon finds the other's `target`. `cut` arms the knife."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._left = 0
        self._there = True
        self._kill: Callable[[], None] | None = None
        self._one = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, there: bool, nth: int, kill: Callable[[], None]) -> None:
        """At the n-th piece on its way there (or back): `kill`, and the piece is lost."""
        with self._one:
            self._there, self._left, self._kill = there, nth, kill

    def spare(self) -> None:
        with self._one:
            self._kill = None

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            for source, sink, there in ((near, far, True), (far, near, False)):
                threading.Thread(
                    target=self._pass_on, args=(source, sink, there), daemon=True
                ).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, there: bool) -> None:
        with contextlib.suppress(OSError):
            while (piece := source.recv(PIECE)) and not self._is_last(there):
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        if there:
            source.close()
            sink.close()

    def _is_last(self, there: bool) -> bool:
        with self._one:
            if self._kill is None or there is not self._there:
                return False
            self._left -= 1
            if self._left > 0:
                return False
            kill, self._kill = self._kill, None
        kill()
        return True


@contextlib.contextmanager
def relay(target: int) -> Iterator[Relay]:
    made = Relay(target)
    try:
        yield made
    finally:
        made.close()
