# SPDX-License-Identifier: Apache-2.0
"""What the simulation found in the product: each as a short scene that would find it again."""
