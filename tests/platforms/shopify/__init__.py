# SPDX-License-Identifier: Apache-2.0
"""Countermark's own platform contract, branch by branch."""
