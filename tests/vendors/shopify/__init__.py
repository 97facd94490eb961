# SPDX-License-Identifier: Apache-2.0
"""Shopify's simulator, and what it proves."""
