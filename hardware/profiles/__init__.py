# SPDX-License-Identifier: Apache-2.0
"""What is known of printer models: one TOML file each, each fact with where it was learnt."""

from __future__ import annotations

from hardware.profiles.profile import Profile, load, names

__all__ = ["Profile", "load", "names"]
