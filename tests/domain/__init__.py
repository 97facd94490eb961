# SPDX-License-Identifier: Apache-2.0
"""Tests of agent.domain; `strategies` draws its values. Nothing here does I/O or reads a clock."""
