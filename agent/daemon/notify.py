# SPDX-License-Identifier: Apache-2.0
"""Tells systemd how we are (sd_notify(3)): a datagram, nothing else; silence where none listens."""

from __future__ import annotations

import socket
from collections.abc import Mapping


def notify(environment: Mapping[str, str], *lines: str) -> None:
    """Sends lines such as READY=1 or STATUS=... to NOTIFY_SOCKET, where there is one."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto("\n".join(lines).encode(), address)
        except OSError:
            return
