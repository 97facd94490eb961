# SPDX-License-Identifier: Apache-2.0
"""A Saleor shop in memory."""
