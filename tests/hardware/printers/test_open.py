# SPDX-License-Identifier: Apache-2.0
"""The line that names a printer in the settings."""

from __future__ import annotations

import pytest

from hardware.printers.network import NetworkPrinter
from hardware.printers.open import open_printer
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load


@pytest.mark.parametrize(
    "connection", ["tcp://127.0.0.1:9100", "tcp://192.0.2.7", "tcp://[::1]:9100/", "tcp://till-3"]
)
def test_an_address_makes_a_network_printer(connection: str) -> None:
    printer = open_printer(connection, name="front", profile=load("generic-80"))
    assert isinstance(printer, NetworkPrinter)
    assert printer.name == "front"


def test_a_simulated_printer_can_be_named() -> None:
    printer = open_printer("simulated:", name="front", profile=load("generic-80"))
    assert isinstance(printer, SimulatedPrinter)


@pytest.mark.parametrize(
    "connection",
    [
        "",
        "127.0.0.1:9100",
        "http://a:1",
        "tcp://",
        "tcp://u@a",
        "tcp://a/b",
        "tcp://a?x=1",
        "tcp://a:99999",
        "tcp://a:0",
        "tcp://a:port",
    ],
)
def test_any_other_line_is_refused(connection: str) -> None:
    with pytest.raises(ValueError, match=r"tcp://HOST|[Pp]ort"):
        open_printer(connection, name="front", profile=load("generic-80"))
