# SPDX-License-Identifier: Apache-2.0
"""The pages, asked over real sockets against the flows of a whole house."""
