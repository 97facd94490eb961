# SPDX-License-Identifier: Apache-2.0
"""Adyen's Stored Value API, branch by branch, by recorded replies."""
