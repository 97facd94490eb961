# SPDX-License-Identifier: Apache-2.0
"""Whatever takes bytes from outside, under bytes that nobody meant."""

from typing import Final

VARIABLE: Final = "COUNTERMARK_FUZZ_EXAMPLES"
"""The environment says with it how many examples each property draws."""
