# SPDX-License-Identifier: Apache-2.0
"""The vendor's test: a register of its own, a line that can be cut, steps, and a report."""
