# SPDX-License-Identifier: Apache-2.0
"""`python -m agent.platforms.contract NAME`: proves an installed adapter, one line per rule.

Exit code 0 where every rule holds, else 1.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from agent.platforms.adapter import Plugin
from agent.platforms.catalog import Broken, Catalog, Factory
from agent.platforms.contract.examples import Examples
from agent.platforms.contract.rules import Verdict, prove
from agent.platforms.contract.subject import Subject, beside, written_exception
from agent.words import say

EXAMPLES: Final = "examples.toml"
DEFAULT: Final[Mapping[str, object]] = {"url": "https://credit.example"}


def main(argv: Sequence[str] | None = None, catalog: Catalog | None = None) -> int:
    """`catalog`: what is installed, unless a test gives its own."""
    given = _parser().parse_args(argv)
    installed = catalog or Catalog()
    factory = installed.factory(given.name)
    if isinstance(factory, Broken):
        return _no(say("contract.no-adapter", name=factory.name, why=factory.why))
    try:
        subject = _subject(given, installed, factory)
        subject.make()
    except (OSError, ValueError) as fault:
        return _no(say("contract.no-subject", name=given.name, why=str(fault).splitlines()[0]))
    whose = installed.distribution(given.name) or "-"
    print(say("contract.head", name=given.name, distribution=whose))
    verdicts = prove(subject)
    for verdict in verdicts:
        print(line(verdict), flush=True)
    broken = sum(not each.holds for each in verdicts)
    count = len(verdicts)
    print(say("contract.some", broken=broken, count=count) if broken else say("contract.all"))
    return 1 if broken else 0


def line(verdict: Verdict) -> str:
    """One rule as one line: what it means, or the first breach and how many more there are."""
    if verdict.holds:
        meaning = say(f"contract.rule.{verdict.rule}")
        return say("contract.holds", rule=f"{verdict.rule:25}", meaning=meaning)
    first, more = verdict.breaches[0], len(verdict.breaches) - 1
    rule = f"{verdict.rule:25}"
    if more:
        return say("contract.broken-more", rule=rule, breach=first, more=more)
    return say("contract.broken", rule=rule, breach=first)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agent.platforms.contract", description=say("contract.help")
    )
    parser.add_argument("name", help=say("contract.help.name"))
    parser.add_argument("--settings", type=Path, help=say("contract.help.settings"))
    parser.add_argument("--examples", type=Path, help=say("contract.help.examples"))
    return parser


def _subject(given: argparse.Namespace, installed: Catalog, factory: Factory) -> Subject:
    table = DEFAULT if given.settings is None else _table(given.settings, given.name)
    folder = beside(factory)
    file = given.examples
    if file is None and folder is not None and (folder / EXAMPLES).is_file():
        file = folder / EXAMPLES
    examples = Examples() if file is None else Examples.read(file)

    def make() -> Plugin:
        return installed.plugin(given.name, table)

    return Subject(make, examples, written_exception(folder))


def _table(file: Path, name: str) -> dict[str, object]:
    """What the agent would give to the adapter: of `[platform]`, or the first `[[platform_for]]`
    that names it."""
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    sections = [read.get("platform", {}), *read.get("platform_for", [])]
    for section in sections:
        if section.get("name", "rest") != name:
            continue
        table = {key: section[key] for key in ("url", "ca_file", "proxy") if key in section}
        if section.get("tls_minimum") == "1.2":
            table["tls_1_2"] = True
        return {**table, **section.get("options", {})}
    raise ValueError(say("contract.no-table", file=str(file), name=name))


def _no(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
