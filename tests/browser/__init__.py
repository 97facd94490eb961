# SPDX-License-Identifier: Apache-2.0
"""Our pages in a real browser."""
