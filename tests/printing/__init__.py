# SPDX-License-Identifier: Apache-2.0
"""Papers, from the record to the dots and out of the printer."""
