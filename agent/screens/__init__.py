# SPDX-License-Identifier: Apache-2.0
"""Pages for people at a register: the cashier's page and what hangs on it.

A sibling of the API behind the same checks. Every page is drawn here, in the agent; what is on
a screen is state of the server, so that nothing a browser does can lose it. Import `pages` and
`doors`: they are light, and bring in the rest when the first page is asked for.
"""
