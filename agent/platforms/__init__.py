# SPDX-License-Identifier: Apache-2.0
"""Gift-card platforms: one shared driver and transport, and one folder per vendor.

An adapter is a conversation (`agent.platforms.exchange`); only the transport does I/O.
"""
