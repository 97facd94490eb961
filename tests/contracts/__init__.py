# SPDX-License-Identifier: Apache-2.0
"""Contract suites: one list of expectations, held by the fake and by the real thing."""
