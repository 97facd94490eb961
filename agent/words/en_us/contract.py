# SPDX-License-Identifier: Apache-2.0
"""Words of the contract suite of adapters: what each rule asks, and how it was broken."""

from typing import Final

_RULES: Final = {
    "abilities-agree": "what it says that it can do has no contradiction",
    "opening-is-pure": "its first bytes come from key, code, amount and currency alone",
    "steps-are-stable": "the same replies bring the same steps under the same plain names",
    "equal-steps-equal-bytes": "a step's name stands for its bytes",
    "burns-are-named": "the steps of a burn, and no others, begin with burn",
    "looks-only-look": "what only asks changes nothing",
    "codes-off-the-envelope": "no code in a header, nor in a path unless its scale says why",
    "codes-stay-hidden": "no code in a repr, a saying, a kept id or a fault",
    "nothing-from-nonsense": "empty, HTML, example and echoed replies are believed in nothing",
    "only-this-credit": "the vendor's yes is a yes for this code, key, amount and currency alone",
    "cut-off-decides-nothing": "a conversation that is cut off has decided nothing",
    "conversations-end": "every conversation ends within its bound, and never by a mistake",
    "amounts-cross-exactly": "currencies of 2, 0 and 3 decimals are right, or refused unsent",
}

_BREACHES: Final = {
    "abilities": "{what}",
    "opening.chance": "two adapters of the same settings open with different bytes",
    "opening.same": "another {what} is issued with the same bytes",
    "opening.other": "{talk} does not begin with the opening",
    "opening.customer": "{talk} opens otherwise than an issue for nobody",
    "steps.change": "{talk} asks otherwise the second time ({fed})",
    "steps.name": "a step of {talk} has a name that is not plain, or shows a code",
    "bytes": "step {step} of {talk} has other bytes than before",
    "burn": "step {step} of {talk} is named wrongly",
    "look": "{talk} wants to change something by step {step}",
    "header": "{talk} puts the code into a header",
    "path": "{talk} puts the code into a path, and no scale.toml says why",
    "hidden.value": "the result of {talk} shows the code ({fed})",
    "hidden.ask": "a request of {talk} shows the code in its repr",
    "hidden.plugin": "the plug-in shows a code in its repr",
    "hidden.kept": "step {step} keeps the code among the vendor's ids",
    "nonsense": "{talk} comes to {word} ({fed})",
    "example.none": "examples.toml has no {talk}: nothing shows what the vendor's yes looks like",
    "example.no": "{talk}, {name}: the vendor's own yes comes to {word}",
    "example.amount": "{talk}, {name}: the card has another initial amount than the credit",
    "example.lie": "{talk}, {name}: another {what} is taken for this credit",
    "example.silent": "{talk}, {name}: the example names no amount, or no code, card or key",
    "cut": "{talk} comes to {word} though it was cut off ({fed})",
    "endless": "{talk} does not end ({fed})",
    "broke": "{talk} raises {fault} ({fed})",
    "amount.unseen": "nothing that issues was reached in {currency}; give an example",
    "amount.late": "{currency} is refused after something was sent",
    "amount.wrong": "the amount of a credit in {currency} does not stand in what is sent",
}

WORDS: Final = {
    "contract.help": "Proves that an installed platform adapter keeps its promises; no network.",
    "contract.help.name": "its name, as in [platform] name",
    "contract.help.settings": "settings file whose [platform] or [[platform_for]] names it",
    "contract.help.examples": "the vendor's replies (default: examples.toml beside the adapter)",
    "contract.head": "{name}, from {distribution}",
    "contract.holds": "holds   {rule} {meaning}",
    "contract.broken": "BROKEN  {rule} {breach}",
    "contract.broken-more": "BROKEN  {rule} {breach} (and {more} more)",
    "contract.all": "Every rule holds.",
    "contract.some": "{broken} of {count} rules are broken.",
    "contract.no-adapter": "{name}: {why}",
    "contract.no-subject": (
        "{name} cannot be made: {why}. Give its settings with --settings FILE."
    ),
    "contract.no-table": "{file} has no [platform] or [[platform_for]] with name {name}",
    **{f"contract.rule.{name}": text for name, text in _RULES.items()},
    **{f"contract.breach.{name}": text for name, text in _BREACHES.items()},
}
