# SPDX-License-Identifier: Apache-2.0
"""Decisions: pure functions from a record, an event and the circumstances to what is next.

Nothing here reads a clock, draws a number, logs or waits. `transitions` holds every change of
state there is; the other files only choose the row.
"""
