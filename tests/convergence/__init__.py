# SPDX-License-Identifier: Apache-2.0
"""Every order of what can happen to one credit, walked to its end (I4)."""
