# SPDX-License-Identifier: Apache-2.0
"""A printer from the line that names it in the settings, such as ``tcp://192.0.2.7:9100``.

Each kind is imported when a printer of it is opened: a register is small, and has one kind.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from hardware.printers.printer import Printer
from hardware.profiles import Profile

PORT = 9100


def open_printer(
    connection: str, *, name: str, profile: Profile, allow_silent: bool = False
) -> Printer:
    """``tcp://HOST[:PORT]`` or ``simulated:``. Nothing is connected before it is used.

    ``ValueError`` names what is wrong with the line.
    """
    if connection == "simulated:":
        from hardware.printers.simulated import SimulatedPrinter

        return SimulatedPrinter(name, process_id=profile.process_id, allow_silent=allow_silent)
    parts = urlsplit(connection)
    if parts.scheme != "tcp":
        raise ValueError(f"a printer's connection is tcp://HOST:PORT, not {connection!r}")
    if not parts.hostname or parts.username is not None or parts.path not in ("", "/"):
        raise ValueError(f"{connection!r} is not of the form tcp://HOST:PORT")
    if parts.query or parts.fragment:
        raise ValueError(f"{connection!r} is not of the form tcp://HOST:PORT")
    from hardware.printers.network import NetworkPrinter

    return NetworkPrinter(
        parts.hostname,
        PORT if parts.port is None else parts.port,
        name=name,
        process_id=profile.process_id,
        allow_silent=allow_silent,
    )
