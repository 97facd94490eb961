# SPDX-License-Identifier: Apache-2.0
"""Tests of what stands under the same name in `agent`."""
