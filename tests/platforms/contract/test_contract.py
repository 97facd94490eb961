# SPDX-License-Identifier: Apache-2.0
"""Every rule of the contract suite can fail, names what is wrong, and holds for our own adapter."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import agent.platforms.rest
from agent.domain.money import Money
from agent.platforms.catalog import GROUP, Catalog
from agent.platforms.contract import Subject, Verdict, prove
from agent.platforms.contract.__main__ import main
from agent.platforms.contract.examples import Examples, amounts
from agent.platforms.contract.rules import RULES
from agent.platforms.contract.subject import CARD, CODE, beside, written_exception
from agent.platforms.rest.adapter import RestAdapter
from agent.words import say
from tests.platforms.contract import bad_adapters as bad

REST = Path(agent.platforms.rest.__file__).parent
EXAMPLES = Examples.read(REST / "examples.toml")
HERE = "tests.platforms.contract.test_contract"

MISTAKES: list[tuple[type[RestAdapter], str, str]] = [
    (bad.BoastsOfAKeyItLacks, "abilities-agree", "bodies of a key"),
    (bad.OpensByChance, "opening-is-pure", "two adapters of the same settings"),
    (bad.ForgetsTheAmount, "opening-is-pure", "another amount is issued with the same bytes"),
    (bad.PutsTheCustomerIn, "opening-is-pure", "opens otherwise than an issue for nobody"),
    (bad.CountsItsSteps, "steps-are-stable", "link asks otherwise the second time"),
    (bad.NamesAStepInSentences, "steps-are-stable", "a name that is not plain"),
    (bad.LinksUnderOneName, "equal-steps-equal-bytes", "step link of link-another"),
    (bad.BurnsUnderAnotherName, "burns-are-named", "step disable of burn"),
    (bad.LooksByDoing, "looks-only-look", "balance wants to change something"),
    (bad.PutsTheCodeIntoAPath, "codes-off-the-envelope", "balance puts the code into a path"),
    (bad.PutsTheCodeIntoAHeader, "codes-off-the-envelope", "into a header"),
    (bad.RepeatsWhatItHeard, "codes-stay-hidden", "the result of find shows the code"),
    (bad.RepeatsTheScannedCard, "codes-stay-hidden", "the result of find shows the code"),
    (bad.KeepsTheCodeAsAnId, "codes-stay-hidden", "keeps the code among the vendor's ids"),
    (bad.BelievesA200, "nothing-from-nonsense", "issue comes to Confirmed"),
    (bad.BelievesAnyNotFound, "nothing-from-nonsense", "find comes to Absent"),
    (bad.RefusesByStatus, "nothing-from-nonsense", "issue comes to Refused"),
    (bad.ComparesNothing, "only-this-credit", "another code is taken for this credit"),
    (bad.ComparesTheCodeOnly, "only-this-credit", "another amount is taken for this credit"),
    (bad.RefusesWhatItCouldNotAsk, "cut-off-decides-nothing", "issue comes to Refused"),
    (bad.FindsNothingWithoutAnAnswer, "cut-off-decides-nothing", "find comes to Absent"),
    (bad.AsksForEver, "conversations-end", "balance does not end"),
    (bad.Stumbles, "conversations-end", "balance raises KeyError"),
    (bad.SendsHundredths, "amounts-cross-exactly", "the amount of a credit in JPY"),
    (bad.RefusesAfterSending, "amounts-cross-exactly", "JPY is refused after something was sent"),
]


def judged(adapter: type[RestAdapter], rule: str) -> Verdict:
    """One rule, by the same adapter with one mistake."""
    subject = Subject(bad.plugin_of(adapter), EXAMPLES)
    return Verdict(rule, tuple(RULES[rule](subject)))


def test_our_own_adapter_keeps_every_rule() -> None:
    subject = Subject(lambda: Catalog().plugin("rest", {"url": bad.URL}), EXAMPLES)
    assert [each.rule for each in prove(subject) if not each.holds] == []


@pytest.mark.parametrize(
    ("adapter", "rule", "words"), MISTAKES, ids=lambda each: getattr(each, "__name__", None)
)
def test_each_mistake_breaks_its_rule_and_is_named(
    adapter: type[RestAdapter], rule: str, words: str
) -> None:
    breaches = judged(adapter, rule).breaches
    assert any(words in each for each in breaches), breaches[:5]
    assert CODE.reveal() not in "".join(breaches)


def test_every_rule_has_a_mistake_that_breaks_it_and_words_that_say_it() -> None:
    assert {rule for _, rule, _ in MISTAKES} == set(RULES)
    assert all(say(f"contract.rule.{rule}") for rule in RULES)


def test_an_adapter_of_scanned_cards_is_asked_with_one() -> None:
    subject = Subject(bad.plugin_of(bad.RepeatsTheScannedCard))
    assert subject.credit.plastic == CARD
    assert subject.cash == CARD.number
    breaches = judged(bad.RepeatsTheScannedCard, "codes-stay-hidden").breaches
    assert CARD.number not in "".join(breaches)


def test_without_examples_nothing_shows_what_a_yes_looks_like() -> None:
    subject = Subject(bad.plugin_of(lambda: bad.BelievesA200()))
    breaches = tuple(RULES["only-this-credit"](subject))
    assert any("examples.toml has no issue" in each for each in breaches)
    assert any("examples.toml has no find" in each for each in breaches)


def test_an_example_that_says_too_little_proves_nothing(tmp_path: Path) -> None:
    text = '[[issue]]\n[[issue.replies]]\nstatus = 201\nbody = "{}"\n'
    (tmp_path / "examples.toml").write_text(text)
    subject = Subject(
        lambda: Catalog().plugin("rest", {"url": bad.URL}),
        Examples.read(tmp_path / "examples.toml"),
    )
    breaches = tuple(RULES["only-this-credit"](subject))
    assert "issue, example 1: the vendor's own yes comes to Unanswered" in breaches


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[issue", "is not TOML"),
        ("[[isue]]\n", "isue: Extra inputs"),
        ("[[issue]]\nreplies = []\n", "issue.0.replies"),
        ('amount = "cents"\n', "amount: Input should be 'minor'"),
    ],
)
def test_wrong_examples_are_named_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "examples.toml"
    file.write_text(text)
    with pytest.raises(ValueError) as refused:
        Examples.read(file)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_codes_in_paths_are_borne_where_the_scale_says_why(tmp_path: Path) -> None:
    scale = '[rules]\ncode-never-in-a-url = { is = "exempt", why = "the vendor has no other way" }'
    (tmp_path / "scale.toml").write_text(scale)
    why = written_exception(tmp_path)
    assert why == "the vendor has no other way"
    subject = Subject(bad.plugin_of(bad.PutsTheCodeIntoAPath), EXAMPLES, why)
    assert tuple(RULES["codes-off-the-envelope"](subject)) == ()
    header = Subject(bad.plugin_of(bad.PutsTheCodeIntoAHeader), EXAMPLES, why)
    assert tuple(RULES["codes-off-the-envelope"](header))
    assert written_exception(REST) == ""
    assert written_exception(None) == ""


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (4850, "USD", ("4850", "48.50", "4850")),
        (4850, "JPY", ("4850", "4850", "485000")),
        (4850, "KWD", ("4850", "4.850", "4.850")),
    ],
)
def test_amounts_are_written_as_vendors_do(
    minor: int, currency: str, written: tuple[str, str, str]
) -> None:
    found = amounts(Money(minor, currency))
    assert (found["<minor>"], found["<decimal>"], found["<hundredths>"]) == written


def acme(table: object) -> object:
    """A foreign adapter that is right in all but one thing."""
    del table
    return bad.plugin_of(bad.LinksUnderOneName)()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


CATALOG = Catalog(
    [
        point("rest", "agent.platforms.rest:platform"),
        point("acme", f"{HERE}:acme"),
        point("gone", "tests.no_such_module:platform"),
    ]
)


def test_the_command_says_one_line_for_each_rule_and_ends_with_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rest"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "rest, from countermark 0.1.0"
    assert [each.split()[:2] for each in lines[1:-1]] == [["holds", rule] for rule in RULES]
    assert lines[-1] == "Every rule holds."


def test_a_foreign_adapter_with_a_mistake_ends_with_1_and_names_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["acme", "--examples", str(REST / "examples.toml")], CATALOG) == 1
    out = capsys.readouterr().out
    assert "BROKEN  equal-steps-equal-bytes   step link of" in out
    assert f"1 of {len(RULES)} rules are broken." in out


def test_the_settings_of_the_adapter_come_from_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "countermark.toml"
    file.write_text(
        '[platform]\nname = "acme"\nurl = "https://a.example"\n'
        '[[platform_for]]\nstores = ["1"]\nurl = "https://b.example"\ntls_minimum = "1.2"\n'
        "[platform_for.options]\nsettling_ms = -1\n"
    )
    assert main(["rest", "--settings", str(file)], CATALOG) == 1
    assert "settling_ms" in capsys.readouterr().err
    file.write_text('[platform]\nname = "acme"\nurl = "https://a.example"\n')
    assert main(["rest", "--settings", str(file)], CATALOG) == 1
    assert "with name rest" in capsys.readouterr().err


def test_an_adapter_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shoppify"], CATALOG) == 1
    assert "shoppify: no such platform" in capsys.readouterr().err
    assert main(["gone"], CATALOG) == 1
    assert "ModuleNotFoundError" in capsys.readouterr().err


def test_examples_stand_beside_the_adapter_of_any_distribution() -> None:
    assert beside(agent.platforms.rest.platform) == REST
    assert beside(acme) == Path(__file__).parent
    assert beside(object()) is None


def test_the_page_for_authors_lists_every_rule_as_it_is_said() -> None:
    page = Path("docs/platforms/your-own.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page, re.M)
    assert listed == [(rule, say(f"contract.rule.{rule}")) for rule in RULES]
