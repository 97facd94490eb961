# SPDX-License-Identifier: Apache-2.0
"""python-escpos's network transport, without what importing and using it leaves behind.

Version 3.1, 2026-11: the import configures the root logger, makes a temporary directory each time,
and unpickles a cache from a directory that the environment names; opening and closing write to the
root logger, which installs a handler when there is none. Its own ``open`` knows IPv4 only and
leaks the socket of a refused connection, so a connected one is handed in.

Called from a device's own thread: the import takes 0.2 s and 18 MB.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PICKLE_DIR = "ESCPOS_CAPABILITIES_PICKLE_DIR"
_lock = threading.Lock()
_transport: Any = None


class NetworkTransport:
    """A connected printer: bytes out, bytes in. Errors are the socket's own (``OSError``)."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        network = _network_class()
        self.socket = socket.create_connection((host, port), timeout_s)
        # A small buffer: what the kernel took is not yet what the printer took.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._device: Any = network(host, port=port, timeout=timeout_s)
        self._device.device = self.socket

    def write(self, data: bytes, timeout_s: float) -> None:
        self.socket.settimeout(timeout_s)
        self._device._raw(data)

    def read(self) -> bytes:
        """What is there now, sixteen bytes at most; empty when the printer hung up."""
        data: bytes = self._device._read()
        return data

    def close(self, *, abort: bool) -> None:
        """``abort``: what is still on its way is dropped, where nothing good can come of it."""
        if abort:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.socket.close()
            self._device.device = False
            return
        with _quiet_root():
            self._device.close()


def _network_class() -> Any:
    """``escpos.printer.Network``, imported once, with its traces removed."""
    global _transport
    with _lock:
        if _transport is None:
            cache = os.environ.pop(_PICKLE_DIR, None)
            try:
                with _quiet_root():
                    from escpos import capabilities
                    from escpos.printer import Network
            finally:
                if cache is not None:
                    os.environ[_PICKLE_DIR] = cache
            shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
            _transport = Network
    return _transport


@contextmanager
def _quiet_root() -> Iterator[None]:
    """While the library logs to the root logger: it installs no handler where one stands."""
    root, quiet = logging.getLogger(), logging.NullHandler()
    root.addHandler(quiet)
    try:
        yield
    finally:
        root.removeHandler(quiet)
