# SPDX-License-Identifier: Apache-2.0
"""The daemon: knows every part, builds them, runs them, and stops them in reverse."""
