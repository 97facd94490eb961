# SPDX-License-Identifier: Apache-2.0
"""What a register comes back from: a backlog, a damaged file, a clock that jumped."""
