# SPDX-License-Identifier: Apache-2.0
"""House rules: what the style says with **must**, read out of the tree by tests.

Each rule is a pure function `find_...(source, path) -> list[str]` that returns one sentence per
breach. Beside the test that runs it over the tree stands one that proves that it bites. What may
break a rule, and why, stands in `exceptions.toml`; an entry nobody needs any more is a breach too.
"""
