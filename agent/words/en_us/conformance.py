# SPDX-License-Identifier: Apache-2.0
"""Words of the POS vendor's test: what to do, what was seen, what to mend."""

from typing import Final

_BAD: Final[dict[str, tuple[str, str]]] = {
    "not-paired": (
        "No till took a pairing code up.",
        "POST /v1/pairings with the six digits, at the address that was shown.",
    ),
    "nothing-came": (
        "No request for a credit of {amount} came.",
        "Check that the till calls the address that was shown, and that the amount is exact.",
    ),
    "other-answer": (
        "The request for {amount} was answered {status} {word}, not {wanted}.",
        "Read `detail` and `field` of the answer, and docs/pos/api.md.",
    ),
    "two-credits": (
        "The platform has {count} credits of this amount; there must be one.",
        "One return is one Idempotency-Key, kept before the first request leaves.",
    ),
    "new-key": (
        "The till asked again under another key ({second} after {first}).",
        "Keep the key with the sale before the first request leaves, and use it until the end.",
    ),
    "other-body": (
        "The till asked again under the same key with another body: {fields}.",
        "Keep the body with its key, and send it again as it was.",
    ),
    "too-early": (
        "The till asked again before Retry-After ({seconds} s) was over.",
        "Wait as long as Retry-After says.",
    ),
    "gave-up": (
        "The till asked {count} times and gave up; it had no answer before the time {wanted}.",
        "Without an answer nothing is known: ask again with the same key until there is one.",
    ),
    "not-asked-again": (
        "After {status} without a word (`answer` null) the till asked for none.",
        "GET the credit with `Prefer: wait=20`, or repeat the same POST, until `answer` is there.",
    ),
    "taken-as-issued": (
        "The till told the cashier that a credit answered {status} is confirmed.",
        "Only 200 is confirmed. Show `title`, `message` and `next` as they are.",
    ),
    "invented": (
        "After 409 alias-conflict the till tried another request ({second} after {first}).",
        "Stop and tell a person: that name belongs to another credit, see `link`.",
    ),
    "always-distinct": (
        "The till sends `distinct: true` before anybody asked the cashier.",
        "Leave `distinct` out; send it only after 409 looks-like and the cashier's yes.",
    ),
    "not-alike": (
        "The second credit did not look like the first, so nothing was tested.",
        "Give both to a customer who leaves nothing, of the same amount, in two transactions.",
    ),
    "one-only": (
        "Only one of the two credits was asked for, or the first was never confirmed.",
        "Issue the same amount twice, in two transactions.",
    ),
    "no-distinct": (
        "After 409 looks-like the till did not go on.",
        "Ask the cashier; on yes repeat the same body and key with `distinct: true`.",
    ),
    "cashier-not-asked": (
        "The till went on after 409 looks-like without asking the cashier.",
        "Show the question once; only the cashier knows whether it is another return.",
    ),
    "no-approval": (
        "After 403 approval-required no approval was made.",
        "POST /v1/approvals with manager, PIN and the very body of the credit.",
    ),
    "not-repeated": (
        "The approval was made, and the credit was not asked for with it.",
        "Repeat the same body and key with the approval's id in `approval`.",
    ),
    "no-paper": (
        "The answer held no paper for the till to print.",
        'Pair with `"printing": "pos"`, and ask with the token that the pairing gave.',
    ),
    "no-report": (
        "What came out of the till's printer was never reported.",
        "POST the job and its result to /v1/credits/KEY/prints.",
    ),
    "other-report": (
        "A report came, but not of this job, or it was refused.",
        "Send `job` as it stands in `print`, with `result` and `operator`.",
    ),
    "paper-missing": (
        "The paper did not come out as it should.",
        "Send the bytes of `print.escpos` to the printer unchanged, or draw `svg` or `lines`.",
    ),
    "no-answer": (
        "Nobody answered the question {question}.",
        "Answer yes or no on standard input, or give --answers FILE.",
    ),
    "broken": (
        "The test itself could not go on: {why}",
        "Run it again; if it stays so, send the report to support.",
    ),
}

WORDS: Final = {
    "help.pos-test": "Test a POS vendor's integration against a register of its own.",
    "help.action.mark": "mark a pairing as tested, by the report of a passed test",
    "help.option.pos-version": "version of the till's software",
    "help.option.test-register": "register id that the till will name",
    "help.option.currency": "currency of the till, ISO 4217",
    "help.option.origin": "origin of a web till that calls; may be given several times",
    "help.option.only": "play only this step (and pairing); may be given several times",
    "help.option.without-approvals": "the till has no way to ask a manager",
    "help.option.patience": "longest wait for the till in each step, in seconds",
    "help.option.quiet": "how long a till that must do nothing is watched, in seconds",
    "help.option.answers": "JSON file with the answers to the questions about the till's screen",
    "help.option.report": "where the report goes (and its text beside it); must not exist",
    "help.option.report-shown": "the report of a passed test",
    "help.option.pairing": "id of the pairing to mark, as `countermark pair list` shows it",
    "pos-test.step": "[{name}]",
    "pos-test.cut": "the line was cut",
    "pos-test.yes-or-no": "(yes or no)",
    "pos-test.do.pair": "Let the till call {address} and enter the pairing code {code} there.",
    "pos-test.do.confirmed": "Issue {amount} at the till.",
    "pos-test.do.retry": "Issue {amount}. The first answer is 503: the till asks again by itself.",
    "pos-test.do.hang-up": (
        "Issue {amount}. The line is cut twice: let the till ask again until it has an answer."
    ),
    "pos-test.do.open-504": (
        "Issue {amount}. The platform is away; the answer is 504 and no word is there yet."
    ),
    "pos-test.do.open-202": (
        "Issue {amount}. The same again for a tested till: the answer is 202 and no word is there."
    ),
    "pos-test.do.conflict": (
        "Issue {amount}. Its POS number is taken by another credit: the till must stop."
    ),
    "pos-test.do.looks-like": (
        "Issue {amount} to a customer who leaves nothing, then {amount} once more the same way."
    ),
    "pos-test.do.approval": "Issue {amount}. The manager is {manager}, the PIN {pin}.",
    "pos-test.do.prints": "Issue {amount}, and let the till print the receipt.",
    "pos-test.ask.open-504": "Does the till say that the credit is not confirmed (a voucher)?",
    "pos-test.ask.open-202": "Does the till say that the credit is not confirmed (a voucher)?",
    "pos-test.ask.looks-like": "Did the till ask the cashier whether this is another return?",
    "pos-test.ask.prints": "Did the paper come out, with the amount and the code on it?",
    "pos-test.good.pair": "The till is paired.",
    "pos-test.good.confirmed": "One request, one confirmed credit.",
    "pos-test.good.retry": "After 503 it waited and asked again with the same key and body.",
    "pos-test.good.hang-up": "After two cuts it asked again with the same key: one credit.",
    "pos-test.good.open-504": "504 was taken as open, and its word was asked for.",
    "pos-test.good.open-202": "202 was taken as open, and its word was asked for.",
    "pos-test.good.conflict": "After the conflict nothing else was tried.",
    "pos-test.good.looks-like": "The cashier was asked, and the second credit was said distinct.",
    "pos-test.good.approval": "The manager approved, and the same request went on.",
    "pos-test.good.prints": "The paper was printed and its job reported.",
    "pos-test.skip.not-paired": "The till was not paired.",
    "pos-test.skip.agent-prints": "The agent owns the printer of this till.",
    "pos-test.skip.without": "The till does not do this.",
    "pos-test.end.passed": "Passed: every required step was seen to be right.",
    "pos-test.end.failed": "Not passed: mend what is said above and run the test again.",
    "pos-test.end.partial": "Not passed: required steps were left out.",
    "pos-test.kept": "The report is in {file}, and as text beside it.",
    "pos-test.report.head": "POS test of {name} {version}, agent {agent}",
    "pos-test.report.when": "from {begun} to {ended}",
    "pos-test.options-wrong": "Nothing was tested: {why}.",
    "pos-test.no-folder": "Nothing was tested: no report can be written to {folder}.",
    "pos-test.no-pairing": "No till is paired under {id}; see `countermark pair list`.",
    "pos-test.marked": "{name} is marked as tested, by the report of {tested}: it gets 202 now.",
    "pos-test.refused.unreadable": "Nothing was marked: {file} is no report of pos-test.",
    "pos-test.refused.changed": "Nothing was marked: the report was changed after the test.",
    "pos-test.refused.not-passed": "Nothing was marked: the test did not pass ({steps}).",
    "pos-test.refused.too-old": "Nothing was marked: the test is over {days} days old.",
    "pos-test.refused.from-the-future": "Nothing was marked: the test ends at {ended}.",
    "pos-test.refused.older-agent": (
        "Nothing was marked: tested with agent {tested}, and {runs} runs here."
    ),
    "pos-test.refused.printing": (
        "Nothing was marked: tested with printing {tested}, and paired with {paired}."
    ),
    "pos-test.refused.other-till": (
        "Nothing was marked: the report is of {tested}, and the pairing of {paired}."
    ),
    **{f"pos-test.bad.{what}": seen for what, (seen, _) in _BAD.items()},
    **{f"pos-test.bad.{what}.next": advice for what, (_, advice) in _BAD.items()},
}
