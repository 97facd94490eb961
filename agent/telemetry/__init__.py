# SPDX-License-Identifier: Apache-2.0
"""What the agent tells about itself: log lines, metrics, and whether it is well.

None of it ever holds a code, a token, a PIN or anything personal, and none of it decides.
"""

from agent.telemetry.health import Health, Readiness
from agent.telemetry.log import Level, Log, route_stdlib, under_journald
from agent.telemetry.metrics import METRICS, Metrics, Waiting
from agent.telemetry.redaction import redact

__all__ = [
    "METRICS",
    "Health",
    "Level",
    "Log",
    "Metrics",
    "Readiness",
    "Waiting",
    "redact",
    "route_stdlib",
    "under_journald",
]
