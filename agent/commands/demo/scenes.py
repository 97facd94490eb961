# SPDX-License-Identifier: Apache-2.0
"""The guided tour as data: its scenes in order, the steps of each, and where to look.

What a step does stands in `tour`; what it says stands in the words, under `stage.scene.*`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """One press of Next. `look`: the part of the page that it is about."""

    name: str
    look: str


@dataclass(frozen=True, slots=True)
class Scene:
    """`ring`: how the register stands when the scene begins."""

    name: str
    steps: tuple[Step, ...]
    ring: str = "issue"

    def title_id(self) -> str:
        return f"stage.scene.{self.name}.title"

    def intro_id(self) -> str:
        return f"stage.scene.{self.name}.intro"

    def step_id(self, step: Step) -> str:
        return f"stage.scene.{self.name}.{step.name}"


SCENES: Final = (
    Scene("today", (Step("give", "till"), Step("night", "phone")), ring="observe"),
    Scene("confirmed", (Step("give", "phone"),)),
    Scene("offline", (Step("pull", "phone"), Step("give", "paper"))),
    Scene("copies", (Step("give", "paper"), Step("reprint", "paper"), Step("plug", "counter"))),
    Scene("wrong", (Step("give", "till"), Step("settle", "till"))),
    Scene("lost", (Step("give", "wire"), Step("again", "wire"))),
    Scene("typo", (Step("give", "paper"), Step("link", "phone"))),
    Scene("limit", (Step("give", "till"), Step("approve", "paper"))),
    Scene("killed", (Step("kill", "till"), Step("start", "till"))),
    Scene("drain", (Step("give", "counter"), Step("plug", "counter"))),
    Scene("chaos", (Step("run", "counter"),)),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tour stands: a scene, and how many of its steps are done. None: free play."""

    scene: int | None = None
    done: int = 0

    @property
    def current(self) -> Scene | None:
        return None if self.scene is None else SCENES[self.scene]

    def enters(self) -> int | None:
        """The scene that Next enters, or None where it does a step of this one, or at the end."""
        if self.scene is None:
            return 0
        if self.done < len(SCENES[self.scene].steps):
            return None
        return self.scene + 1 if self.scene + 1 < len(SCENES) else None

    def step(self) -> Step | None:
        """The step that Next does, where it does one."""
        if self.scene is None or self.done >= len(SCENES[self.scene].steps):
            return None
        return SCENES[self.scene].steps[self.done]

    @property
    def at_end(self) -> bool:
        return self.scene == len(SCENES) - 1 and self.step() is None
