# SPDX-License-Identifier: Apache-2.0
"""Countermark: a store-credit agent for the point of sale. Every cent, once."""

__version__ = "0.1.0"
