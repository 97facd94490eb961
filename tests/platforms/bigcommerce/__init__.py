# SPDX-License-Identifier: Apache-2.0
"""Recorded conversations with BigCommerce, one for each branch."""
