# SPDX-License-Identifier: Apache-2.0
"""From a record to a paper: values → lines → bytes, and the queue in front of a printer.

`receipt`, `voucher` and `slip` say what stands on a paper, as a `Document`; `render` makes ESC/POS
bytes of it; `press` joins them to a printer and `spool` owns the order. Nothing here decides
whether a paper may be printed, and nothing here sends a paper twice.
"""

from agent.printing.options import PaperOptions, VoucherMode
from agent.printing.press import Press, Route
from agent.printing.spool import Spool, SpoolCalls

__all__ = ["PaperOptions", "Press", "Route", "Spool", "SpoolCalls", "VoucherMode"]
