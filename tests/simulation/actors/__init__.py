# SPDX-License-Identifier: Apache-2.0
"""Everybody and everything that acts in a simulated store: one file each, joined in `table.py`."""
