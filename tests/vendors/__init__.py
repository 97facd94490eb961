# SPDX-License-Identifier: Apache-2.0
"""Vendors in memory: each platform as a state machine behind its own wire, for the simulation."""
