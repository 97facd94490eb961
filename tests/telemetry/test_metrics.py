# SPDX-License-Identifier: Apache-2.0
"""The numbers, and that docs/metrics.md lists exactly them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from agent.domain.record import State
from agent.telemetry import METRICS, Metrics, Waiting
from tests.intake.records import record

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def shown(metrics: Metrics) -> str:
    return metrics.text().decode()


def test_the_document_lists_every_metric_and_no_other() -> None:
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", DOCUMENT.read_text(), re.M))
    assert listed == set(METRICS)


def test_every_metric_of_the_list_is_kept_and_no_other() -> None:
    families = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in Metrics().registry.collect()
    }
    assert families == set(METRICS)


def test_a_state_is_counted_once_however_often_it_is_told() -> None:
    metrics, one = Metrics(), record()
    metrics.changed(one, None)
    metrics.changed(one, None)
    metrics.changed(replace(one, state=State.CONFIRMED), "confirmed")
    text = shown(metrics)
    assert 'countermark_credits_total{answer="none",state="received"} 1.0' in text
    assert 'countermark_credits_total{answer="confirmed",state="confirmed"} 1.0' in text


def test_what_waits_is_shown_for_each_register() -> None:
    metrics = Metrics()
    metrics.waiting([Waiting("0421/03", 2, {"USD": 9700}, 61), Waiting("0421/04", 0, {}, 0)])
    text = shown(metrics)
    assert 'countermark_waiting_credits{register="0421/03"} 2.0' in text
    assert 'countermark_waiting_minor{currency="USD",register="0421/03"} 9700.0' in text
    assert 'countermark_waiting_oldest_seconds{register="0421/03"} 61.0' in text
    assert 'countermark_waiting_credits{register="0421/04"} 0.0' in text


def test_answers_outcomes_prints_commits_and_requests_are_counted() -> None:
    metrics = Metrics()
    metrics.answered("voucher", 3.9)
    metrics.outcome("issue", "unanswered")
    metrics.printed("voucher", "printed")
    metrics.breaker(True)
    metrics.committed(0.003)
    metrics.requested("POST", "/v1/credits", 504)
    text = shown(metrics)
    for line in (
        'countermark_answer_seconds_count{answer="voucher"} 1.0',
        'countermark_platform_outcomes_total{outcome="unanswered",question="issue"} 1.0',
        'countermark_prints_total{kind="voucher",result="printed"} 1.0',
        "countermark_breaker_open 1.0",
        "countermark_journal_commit_seconds_count 1.0",
        'countermark_http_requests_total{method="POST",route="/v1/credits",status="504"} 1.0',
    ):
        assert line in text


def test_two_agents_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.breaker(True)
    assert "countermark_breaker_open 1.0" in shown(one)
    assert "countermark_breaker_open 0.0" in shown(other)
