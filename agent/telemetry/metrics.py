# SPDX-License-Identifier: Apache-2.0
"""Numbers for whoever watches many registers, in a registry of our own (Prometheus text format).

`METRICS` lists every name; docs/metrics.md is held equal to it. Labels take few values each: no
key, no operator, no customer is ever one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, State

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
METRICS: Final[Mapping[str, str]] = {
    "countermark_credits_total": "Credits that came to a state and an answer",
    "countermark_answer_seconds": "From the request to the word that the cashier reads",
    "countermark_waiting_credits": "Credits that wait for the platform or a person",
    "countermark_waiting_minor": "Their sum in minor units",
    "countermark_waiting_oldest_seconds": "Age of the oldest of them",
    "countermark_platform_outcomes_total": "What the platform answered, or did not",
    "countermark_prints_total": "Papers by kind and by what came out",
    "countermark_breaker_open": "1 while the link to the platform counts as down",
    "countermark_platform_refuses_us": "1 while the platform refuses our token: store IT must act",
    "countermark_journal_commit_seconds": "One commit of the journal to disk",
    "countermark_journal_short": "1 while new credits are refused because the disk has no room",
    "countermark_http_requests_total": "Requests to the local API",
}
_ANSWER_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 4.5, 6.0, 10.0)
_COMMIT_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 4.0)
_REMEMBERED_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits at one register; `oldest_s` in seconds, 0 where nothing waits."""

    register: str
    count: int
    minor_by_currency: Mapping[str, int]
    oldest_s: int


class Metrics:
    """Every number there is. Methods may be called from the event loop only."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()

        def counter(name: str, *labels: str) -> Counter:
            return Counter(name, METRICS[name], labels, registry=registry)

        def gauge(name: str, *labels: str) -> Gauge:
            return Gauge(name, METRICS[name], labels, registry=registry)

        def histogram(name: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(name, METRICS[name], labels, registry=registry, buckets=buckets)

        self._credits = counter("countermark_credits_total", "state", "answer")
        self._answers = histogram("countermark_answer_seconds", _ANSWER_S, "answer")
        self._waiting = gauge("countermark_waiting_credits", "register")
        self._minor = gauge("countermark_waiting_minor", "register", "currency")
        self._oldest = gauge("countermark_waiting_oldest_seconds", "register")
        self._outcomes = counter("countermark_platform_outcomes_total", "question", "outcome")
        self._prints = counter("countermark_prints_total", "kind", "result")
        self._breaker = gauge("countermark_breaker_open")
        self._shut_out = gauge("countermark_platform_refuses_us")
        self._commits = histogram("countermark_journal_commit_seconds", _COMMIT_S)
        self._short = gauge("countermark_journal_short")
        self._requests = counter("countermark_http_requests_total", "method", "route", "status")
        self._seen: OrderedDict[IdempotencyKey, tuple[State, str]] = OrderedDict()

    def changed(self, record: CreditRecord, answer: str | None) -> None:
        """A record was saved; counted once for each state and answer that it comes to."""
        now = (record.state, answer or "none")
        if self._seen.get(record.key) == now:
            return
        self._seen[record.key] = now
        self._seen.move_to_end(record.key)
        if len(self._seen) > _REMEMBERED_MAX:
            self._seen.popitem(last=False)
        self._credits.labels(record.state.value, now[1]).inc()

    def answered(self, answer: str | None, seconds: float) -> None:
        """A caller at the counter has its word, after `seconds`."""
        self._answers.labels(answer or "none").observe(seconds)

    def waiting(self, registers: Iterable[Waiting]) -> None:
        """What waits now, for every register at once."""
        for each in registers:
            self._waiting.labels(each.register).set(each.count)
            self._oldest.labels(each.register).set(each.oldest_s)
            for currency, minor in each.minor_by_currency.items():
                self._minor.labels(each.register, currency).set(minor)

    def outcome(self, question: str, outcome: str) -> None:
        """The platform was asked (`issue`, `find`, ...); `outcome`: how it ended, one word."""
        self._outcomes.labels(question, outcome).inc()

    def printed(self, kind: str, result: str) -> None:
        """A paper ended: printed, sent, uncertain or failed."""
        self._prints.labels(kind, result).inc()

    def breaker(self, is_open: bool) -> None:
        self._breaker.set(1 if is_open else 0)

    def shut_out(self, is_shut_out: bool) -> None:
        """Whether the platform answers, and refuses our token."""
        self._shut_out.set(1 if is_shut_out else 0)

    def committed(self, seconds: float) -> None:
        """One commit of the journal reached the disk."""
        self._commits.observe(seconds)

    def journal_short(self, is_short: bool) -> None:
        """Whether room for what was begun is all the room there is."""
        self._short.set(1 if is_short else 0)

    def requested(self, method: str, route: str, status: int) -> None:
        """`route` is the path as the route table writes it, never a path with a key in it."""
        self._requests.labels(method, route, str(status)).inc()

    def text(self) -> bytes:
        """All of it in the text format 0.0.4 (`CONTENT_TYPE`)."""
        return generate_latest(self.registry)
