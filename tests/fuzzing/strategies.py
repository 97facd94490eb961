# SPDX-License-Identifier: Apache-2.0
"""What Hypothesis draws for bytes from outside: hostile texts, JSON, and good bodies gone wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from hypothesis import strategies as st

from agent.platforms.messages import HttpReply, NoAnswer, NotSent

HOSTILE: Final = (
    "",
    " ",
    "\x00",
    "\x1b@",
    "\x1dV\x00",
    "\x10\x14\x01\x03\x14",
    "'; DROP TABLE credits; --",
    "<script>alert(1)</script>",
    "$(reboot)",
    "../../etc/passwd",
    "%00%2e%2e%2f",
    "\u202e\u2066",
    "\ud800",
    "é" * 600,
    "4111 1111 1111 1111",
    "1e400",
    "NaN",
    "-0",
    "\u0661\u0662\u0663",
)
texts = st.sampled_from(HOSTILE) | st.text(max_size=80)
numbers = st.sampled_from((0, -1, 1, 2**31, 2**53, 2**63, 10**30, 0.5, 1e308, True))
scalars = st.none() | st.booleans() | numbers | texts | st.integers()
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

Path = tuple[str | int, ...]


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a tree of JSON, the root first."""
    yield at
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, each in inner:
        yield from places(each, (*at, name))


@st.composite
def mutated(draw: st.DrawFn, good: Any, most: int = 3) -> tuple[Any, Path]:
    """A good tree with one to `most` places changed, and the first of them."""
    tree = copy.deepcopy(good)
    first: Path | None = None
    for _ in range(draw(st.integers(1, most))):
        place = draw(st.sampled_from([each for each in places(tree) if each] or [()]))
        first = place if first is None else first
        tree = draw(_changed(tree, place))
    return tree, first or ()


@st.composite
def _changed(draw: st.DrawFn, tree: Any, place: Path) -> Any:
    """One place of a tree: another value, nothing, or something new beside it."""
    if not place:
        return draw(json_values)
    parent = tree
    for name in place[:-1]:
        parent = parent[name]
    match draw(st.sampled_from(("value", "gone", "more"))):
        case "value":
            parent[place[-1]] = draw(json_values)
        case "gone":
            del parent[place[-1]]
        case _ if isinstance(parent, dict):
            parent[draw(texts)] = draw(json_values)
        case _:
            parent.append(draw(json_values))
    return tree


def encoded(value: Any) -> bytes:
    """JSON as a careless sender writes it, lone surrogates included."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def spoilt(data: bytes) -> st.SearchStrategy[bytes]:
    """The same bytes, cut, doubled or with a few of them changed."""
    changes = st.lists(st.tuples(st.integers(0, max(len(data) - 1, 0)), st.integers(0, 255)))

    def changed(flips: list[tuple[int, int]]) -> bytes:
        made = bytearray(data)
        for place, value in flips:
            if place < len(made):
                made[place] ^= value
        return bytes(made)

    cut = st.integers(0, len(data)).map(lambda size: data[:size])
    return changes.map(changed) | cut | st.just(data + data) | st.binary(max_size=200)


statuses = st.sampled_from(
    (200, 201, 202, 204, 301, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504)
) | st.integers(100, 599)
media_types = st.sampled_from(
    (
        "application/json",
        "application/json; charset=utf-8",
        "application/problem+json",
        "text/html",
        "APPLICATION/JSON",
        "",
    )
)
failures = st.sampled_from(
    [NotSent("connect"), NotSent("tls"), NoAnswer("reset"), NoAnswer("deadline")]
)
codes_of_problems = st.sampled_from(
    (
        "not-found",
        "code-taken",
        "key-reused",
        "linked-elsewhere",
        "disabled",
        "in-progress",
        "not-executed",
        "forbidden",
        "refused",
        "limit",
        "no-such-path",
        "throttled",
    )
)


@st.composite
def replies_about(draw: st.DrawFn, good: Any, echo: str = "echo") -> HttpReply:
    """A reply that is right, nearly right, a problem, or nothing of the kind. `echo`: what a
    careless vendor may say back anywhere."""
    said = texts | st.sampled_from((echo, echo.lower(), f"no such code: {echo}", f"{echo}\n"))
    kind = draw(st.sampled_from(("right", "nearly", "problem", "spoilt", "noise")))
    status, media = draw(statuses), draw(media_types)
    headers = [("content-type", media), ("request-id", draw(said))]
    if draw(st.booleans()):
        headers.append(("retry-after", draw(texts | st.integers(-5, 10**6).map(str))))
    match kind:
        case "right":
            status, body = draw(st.sampled_from((200, 201))), encoded(good)
            headers[0] = ("content-type", "application/json")
        case "nearly":
            tree, _ = draw(mutated(good))
            body = encoded(tree)
        case "problem":
            problem = {"code": draw(codes_of_problems), "title": draw(said)}
            for name in ("detail", "vendor_code", "field"):
                if draw(st.booleans()):
                    problem[name] = draw(said)
            body = encoded(problem)
            headers[0] = ("content-type", "application/problem+json")
        case "spoilt":
            body = draw(spoilt(encoded(good)))
        case _:
            body = draw(st.binary(max_size=300))
    return HttpReply(status, tuple(headers), body)


def sentence_of(read: Callable[[], object]) -> str | None:
    """How something is refused by a `ValueError`; None where it is not."""
    try:
        read()
    except ValueError as refusal:
        return str(refusal)
    return None
