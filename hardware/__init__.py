# SPDX-License-Identifier: Apache-2.0
"""A library for the scanners and printers of a shop's counter.

It moves bytes and gives them meaning. It never imports the agent, and it does not know what the
papers it prints are worth: those words belong to the floors above.
"""
