# SPDX-License-Identifier: Apache-2.0
"""Planted bugs: each must be seen by a proof, for a proof that sees nothing proves nothing."""
