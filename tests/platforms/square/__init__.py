# SPDX-License-Identifier: Apache-2.0
"""Square's conversations by recorded replies."""
