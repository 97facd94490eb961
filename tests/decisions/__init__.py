# SPDX-License-Identifier: Apache-2.0
"""Tests of agent.decisions; only the page of states is read from disk. No clock, no network."""
