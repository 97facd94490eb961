# SPDX-License-Identifier: Apache-2.0
"""The tests. The tree mirrors the source; fakes, contracts and house rules have their own rooms."""
