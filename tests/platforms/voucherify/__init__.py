# SPDX-License-Identifier: Apache-2.0
"""Voucherify, branch by branch."""
