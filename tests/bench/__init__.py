# SPDX-License-Identifier: Apache-2.0
"""Measurements: `make bench`. No test; nothing here asserts, and no test is timed.

Contenders take turns in short rounds of one run, so that noise of the machine hits all alike.
What is printed are ratios side by side; what a number means stands in docs/performance.md.
"""
