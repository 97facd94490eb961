# SPDX-License-Identifier: Apache-2.0
"""The doors of the agent: what comes in from tills, made into our values, and told back.

Malformed stops here, with one sentence that names the field. Nothing in this package decides
about money: it asks the flows.
"""

from agent.flows.pairing import Pairings
from agent.intake.doors import ApiOptions, Doors, PrinterTold
from agent.intake.pins import ArgonPins
from agent.intake.server import ApiServer

__all__ = [
    "ApiOptions",
    "ApiServer",
    "ArgonPins",
    "Doors",
    "Pairings",
    "PrinterTold",
]
