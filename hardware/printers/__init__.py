# SPDX-License-Identifier: Apache-2.0
"""Printers: what moves a job's bytes to a device, and tells how sure it is that they came out."""
