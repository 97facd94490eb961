# SPDX-License-Identifier: Apache-2.0
"""Words on a command line: each ends in an exit code and a sentence, never in a traceback."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Final

from hypothesis import example
from hypothesis import strategies as st

from agent.__main__ import main
from agent.commands.exits import Exit
from tests.commands.test_command_line import GOOD
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import texts

STARTS: Final = (
    ("voucher", "show"),
    ("voucher", "verify"),
    ("voucher", "reprint", "--by", "Mia", "--reason", "torn"),
    ("queue", "show"),
    ("queue", "list"),
    ("status",),
    ("config", "show"),
    ("config",),
    ("keys", "show"),
    ("approvers", "remove"),
    ("journal", "verify"),
    ("pair", "revoke"),
    ("nonsense",),
    (),
)
"""Commands that ask or change nothing by themselves; no agent listens."""
CODES: Final = frozenset({int(each) for each in Exit} | {2})
words = texts.map(lambda text: text.replace("\x00", "").encode("utf-8", "replace").decode())


def ended(argv: list[str]) -> tuple[int, str, str]:
    """The exit code and what was said. argparse leaves by SystemExit, as it always does."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(argv)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 2
    return code, out.getvalue(), err.getvalue()


@example(start=STARTS[2], more=["\x80"])
@example(start=("pair", "revoke"), more=["a b\n"])
@fuzzed(
    start=st.sampled_from(STARTS),
    more=st.lists(words | st.sampled_from(("--json", "--help", "-x", "--")), max_size=3),
)
def test_any_words_end_in_a_code_and_a_sentence(
    tmp_path: Path, start: tuple[str, ...], more: list[str]
) -> None:
    settings = tmp_path / "countermark.toml"
    settings.write_text(GOOD.format(folder=tmp_path))
    command, *rest = start or ("",)
    code, out, err = ended([command, "--settings", str(settings), *rest, *more])
    assert code in CODES
    assert "Traceback" not in out + err
    assert code == Exit.DONE or (out + err).strip()
