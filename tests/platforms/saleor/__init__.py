# SPDX-License-Identifier: Apache-2.0
"""Conversations with Saleor, by recorded replies."""
