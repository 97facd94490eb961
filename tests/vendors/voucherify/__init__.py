# SPDX-License-Identifier: Apache-2.0
"""Voucherify in memory, and the proof that no fault of it makes a second credit."""
