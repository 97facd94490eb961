# SPDX-License-Identifier: Apache-2.0
"""Tills that send anything: names and bodies in every pairing, bodies gone wrong, guesses, paths.

What tests/intake draws from the API's own document is not repeated here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path as Folder
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st

from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import Path, encoded, json_values, mutated, texts
from tests.intake.records import body
from tests.intake.till import House, Till, house

KEYS: Final = ("k1", "k2", "k3")
NUMBERS: Final = ("1001", "1002", "1003")
AMOUNTS: Final = (4850, 4851)
ACCEPTED: Final = frozenset({200, 202, 504})
REFUSED: Final = frozenset({400, 401, 403, 404, 405, 409, 411, 413, 415, 421, 422, 429})
PIN: Final = "2468"

Asked = tuple[str, str, int]
"""Idempotency-Key, POS number, minor units."""


def asked_of(work: Callable[[House, Till], Awaitable[None]]) -> None:
    """Runs `work` against a server of its own, and ends it."""

    async def held() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with house(Folder(folder)) as here:
                await work(here, await here.till())

    asyncio.run(held())


@dataclass
class Model:
    """What the aliases must lead to: each name to one record, each record to one body."""

    by_name: dict[str, int] = field(default_factory=dict)
    bodies: list[tuple[str, int]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def expected(self, key: str, number: str, minor: int) -> int | None:
        """The number of the record; None where this must be refused."""
        names = (f"key {key}", f"pos {number}")
        known = {self.by_name[name] for name in names if name in self.by_name}
        if not known:
            self.bodies.append((number, minor))
            known = {len(self.bodies) - 1}
        (record, *others) = known
        if others or self.bodies[record] != (number, minor):
            return None
        self.by_name.update(dict.fromkeys(names, record))
        return record


@fuzzed(
    asked=st.lists(
        st.tuples(st.sampled_from(KEYS), st.sampled_from(NUMBERS), st.sampled_from(AMOUNTS)),
        min_size=2,
        max_size=8,
    )
)
def test_a_name_leads_to_one_body_for_ever(asked: Sequence[Asked]) -> None:
    model = Model()

    async def work(here: House, till: Till) -> None:
        for key, number, minor in asked:
            expected = model.expected(key, number, minor)
            answer = await till.credit(key, transaction=number, minor=minor, distinct=True)
            if expected is None:
                assert (answer.status, answer["code"]) == (409, "alias-conflict"), answer.text
                continue
            assert answer.status in ACCEPTED, answer.text
            if expected == len(model.keys):
                model.keys.append(answer["key"])
            assert answer["key"] == model.keys[expected]
        await here.counter.settled()
        assert len(await here.counter.records()) == len(model.bodies)
        assert len(here.counter.platform.cards) == len(model.bodies)

    asked_of(work)


@fuzzed(changed=st.lists(mutated(body(distinct=True)), min_size=1, max_size=5))
def test_a_body_gone_wrong_is_a_credit_or_is_refused_whole(
    changed: Sequence[tuple[Any, Path]],
) -> None:
    async def work(here: House, till: Till) -> None:
        accepted = set()
        for number, (tree, _) in enumerate(changed):
            headers = {"Idempotency-Key": f"k{number}"}
            answer = await till.ask("POST", "/v1/credits", headers=headers, raw=encoded(tree))
            if answer.status in ACCEPTED:
                accepted.add(answer["key"])
                continue
            assert answer.status in REFUSED, answer.text
            assert answer["money"] == "nothing-issued" or answer["code"].startswith("alias")
            assert answer["detail"]
        await here.counter.settled()
        assert {record.key.text for record in await here.counter.records()} == accepted

    asked_of(work)


@fuzzed(pins=st.lists(json_values | texts.filter(lambda text: text != PIN), max_size=4))
def test_no_body_guesses_a_pin(pins: Sequence[Any]) -> None:
    def guess(pin: Any) -> dict[str, Any]:
        return {"manager": "Mia", "pin": pin, "body": body()}

    async def work(here: House, till: Till) -> None:
        await here.counter.approvals.add_manager("Mia", PIN)
        always = await till.ask("POST", "/v1/approvals", raw=encoded(guess("a wrong one")))
        for pin in pins:
            answer = await till.ask("POST", "/v1/approvals", raw=encoded(guess(pin)))
            assert answer.status in REFUSED, answer.text
            if isinstance(pin, str) and len(pin) > 8 and pin not in always.text:
                assert pin not in answer.text

    asked_of(work)


@fuzzed(pieces=st.lists(texts, min_size=1, max_size=3), token=texts)
def test_any_path_and_any_scan_is_answered_and_changes_nothing(
    pieces: Sequence[str], token: str
) -> None:
    async def work(here: House, till: Till) -> None:
        said = [quote(piece.encode("utf-8", "replace"), safe="") for piece in pieces]
        for path in (f"/v1/credits/{said[0]}", f"/v1/claims/{said[0]}", f"/{'/'.join(said)}"):
            answer = await till.get(path)
            assert answer.status in REFUSED or answer.status in (200, 303), (path, answer.text)
        scan = await till.ask(
            "POST", "/v1/claims", raw=encoded({"token": token, "register": "03", "operator": "A"})
        )
        assert scan.status in REFUSED, scan.text
        assert await here.counter.records() == []
        assert here.counter.platform.calls == []

    asked_of(work)
