# SPDX-License-Identifier: Apache-2.0
"""Tests of agent.journal, with the real SQLite."""
