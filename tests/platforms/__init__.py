# SPDX-License-Identifier: Apache-2.0
"""Platforms: conversations by recorded replies, driver, transport against raw sockets."""
