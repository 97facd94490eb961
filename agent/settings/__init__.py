# SPDX-License-Identifier: Apache-2.0
"""Settings: one TOML file and its drop-ins, read once into frozen objects. Never a secret."""
