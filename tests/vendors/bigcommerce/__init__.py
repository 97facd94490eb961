# SPDX-License-Identifier: Apache-2.0
"""BigCommerce in memory, and the real adapter in front of it."""
