# SPDX-License-Identifier: Apache-2.0
"""Square in memory, and what it does to the adapter when it does its worst."""
