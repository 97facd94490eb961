# SPDX-License-Identifier: Apache-2.0
"""All proofs, one after the other: in pieces that can be stopped and gone on with."""
