# SPDX-License-Identifier: Apache-2.0
"""The sandbox platform, over real sockets."""
