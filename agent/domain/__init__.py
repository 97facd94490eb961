# SPDX-License-Identifier: Apache-2.0
"""Values that mean something to a shop: money, keys, codes, credits, outcomes, records.

The lowest floor. Standard library only; no I/O, clock, randomness, logging or async: time and
chance come in as arguments. A value that exists is valid.
"""
