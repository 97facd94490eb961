# SPDX-License-Identifier: Apache-2.0
"""Flows: what is done about decisions, through `agent.ports` alone.

Every change is committed by the journal before the world hears of it. Only `forward` sends
again.
"""
