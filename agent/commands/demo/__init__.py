# SPDX-License-Identifier: Apache-2.0
"""The main job as a play with real processes, sockets and files: the cast, the till, the story."""
