# SPDX-License-Identifier: Apache-2.0
"""The contract suite of adapters, and adapters that break it."""
