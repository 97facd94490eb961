# SPDX-License-Identifier: Apache-2.0
"""Fakes, written by hand. Each records what it was given and passes the real thing's contract."""
