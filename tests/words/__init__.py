# SPDX-License-Identifier: Apache-2.0
"""Every sentence is there, says what it must, and takes its values as text."""
