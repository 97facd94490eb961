# SPDX-License-Identifier: Apache-2.0
"""Adyen in memory, and the proofs that its adapter keeps every cent once."""
