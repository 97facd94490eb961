# SPDX-License-Identifier: Apache-2.0
"""The daemon as a process, killed, robbed of its power and of its disk, and started again."""
