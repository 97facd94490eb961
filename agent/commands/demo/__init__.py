# SPDX-License-Identifier: Apache-2.0
"""The demo with real processes: the guided page, and the main job as a play told line by line.

The package is the command `demo` itself; its parts are imported when it runs.
"""

from agent.commands.demo.command import configure, run

__all__ = ["configure", "run"]
