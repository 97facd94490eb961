# SPDX-License-Identifier: Apache-2.0
"""Bytes to meaning and back, pure: the standard library alone, no I/O, clock, chance or logging."""
