# SPDX-License-Identifier: Apache-2.0
"""What `check` and `doctor` look at, what they see, and what store IT can do about it."""

from typing import Final

WORDS: Final = {
    "check.grade.ok": "good",
    "check.grade.weak": "weak",
    "check.grade.wrong": "bad",
    "check.grade.skipped": "not asked",
    "check.settings": "settings",
    "check.journal": "journal",
    "check.journal.damaged.todo": (
        "Leave the file as it is and read docs/damaged-journal.md: the next start saves what can "
        "be read."
    ),
    "check.platform": "platform",
    "check.platform.todo": "Run `countermark check --platform`: it says at which step it fell.",
    "check.printer": "printer {printer}",
    "check.key": "signing key",
    "check.clock": "clock",
    "check.clock.untrusted": "The clock is not synchronised: vouchers carry no last day.",
    "check.clock.untrusted.todo": "Switch on time synchronisation (chrony or systemd-timesyncd).",
    "check.all-good": "All is well.",
    "check.some-bad": "{count} checks failed.",
    "check.not-enrolled": "not enrolled: add it to voucher.trusted_keys, see docs/commands.md",
    "check.no-journal": "there is none yet; the first start makes it",
    "check.register": "register {register}",
    "check.register.way": "its credits go to {platform}, by {said}",
    # the credential
    "check.credential": "credential",
    "check.credential.none": "there is none in {file}",
    "check.credential.none.todo": (
        "Put the platform's token into {file}, mode 0600, owned by the agent's user; nothing has "
        "to be started again."
    ),
    "check.credential.mode.todo": "chmod 600 {file}",
    "check.credential.unreadable": "{file} cannot be read ({why})",
    "check.credential.unreadable.todo": (
        "Run this as the agent's own user or as root, and let the file hold one line of text."
    ),
    # the stages of the road
    "check.stage.address": "address",
    "check.stage.address.seen": "{platform} at {url}, by {said}",
    "check.stage.address.tls-1-2": (
        "TLS 1.2 is let pass: set tls_minimum to 1.3 as soon as the platform can."
    ),
    "check.stage.request": "request",
    "check.stage.name": "name (DNS)",
    "check.stage.name.by-proxy": "the proxy looks it up",
    "check.stage.proxy": "proxy",
    "check.stage.proxy.none": "none is set",
    "check.stage.connect": "connection",
    "check.stage.tls": "TLS",
    "check.stage.tls.none": "plain http on this machine",
    "check.stage.answer": "answer",
    "check.stage.token": "access token",
    "check.stage.clock": "clock beside the platform's",
    "check.stage.clock.no-date": "the platform does not tell its time",
    "check.stage.clock.seen": "{seconds} seconds apart",
    "check.stage.clock.fast": "This host's clock is {seconds} seconds ahead of the platform's.",
    "check.stage.clock.slow": "This host's clock is {seconds} seconds behind the platform's.",
    "check.stage.clock.todo": "Switch on time synchronisation; tokens may be refused until then.",
    "check.stage.limits": "limits",
    "check.stage.limits.none": "the platform asks for no patience",
    "check.stage.limits.pause": "The platform asks to be left alone for {seconds} seconds.",
    "check.stage.limits.todo": (
        "Nothing now: the queue obeys it. If it stays, ask the platform for a higher limit."
    ),
    "check.stage.limits.throttled": "The platform takes no more requests just now.",
    "check.stage.limits.throttled.todo": (
        "Ask again in a few minutes. If it stays, look who else uses this account's limit."
    ),
    # where it fell: what it looked like, and what to do
    "check.fell": "It failed before anything was sent ({why}).",
    "check.fell.todo": "Give this word to support, with the output of this command.",
    "check.fell.credential": "The credential cannot be sent as it stands in its file.",
    "check.fell.credential.todo": (
        "Let the credential file hold the platform's token alone: one line of plain characters."
    ),
    "check.fell.request": "The request cannot be made with these settings.",
    "check.fell.request.todo": "Look at the address and the adapter's options in the settings.",
    "check.fell.not-asked": "The adapter did not ask the platform anything.",
    "check.fell.not-asked.todo": (
        "Run `python -m agent.platforms.contract NAME` and give its output to the adapter's author."
    ),
    "check.fell.name": "The name server does not know the platform's host, or does not answer.",
    "check.fell.name.todo": (
        "Look for a slip in the address; try `getent hosts HOST`; let the name server resolve it, "
        "or set a proxy in the settings."
    ),
    "check.fell.proxy": "The proxy does not answer, or refuses to open the way.",
    "check.fell.proxy.todo": (
        "Look at proxy in the settings, and let the proxy allow CONNECT to the platform's host."
    ),
    "check.fell.connect": "The host refuses the connection, or there is no way to it.",
    "check.fell.connect.todo": (
        "Look at the port in the address, and let the firewall pass TCP from here to it."
    ),
    "check.fell.connection": "The connection broke before it stood.",
    "check.fell.connection.todo": "Ask the network people what resets connections to that host.",
    "check.fell.connect-deadline": (
        "The name is known, but no connection stood in time: something swallows the packets."
    ),
    "check.fell.connect-deadline.todo": (
        "Let the firewall pass TCP from here to the platform's port; ask for a proxy if there is "
        "one."
    ),
    "check.fell.tls": "No TLS could be agreed on.",
    "check.fell.tls.todo": (
        'The other side may speak only TLS 1.2: tls_minimum = "1.2" lets it pass, with a warning. '
        "Or what answers at this port is not TLS."
    ),
    "check.fell.tls-deadline": "The port is open, but whoever listens there does not speak TLS.",
    "check.fell.tls-deadline.todo": (
        "Look at the port in the address; a device that inspects TLS may hold it up: ask the "
        "network people to exempt this host."
    ),
    "check.fell.certificate": (
        "The certificate is not trusted for this host: a private authority, a wrong clock, an "
        "inspecting proxy or a network's sign-in page."
    ),
    "check.fell.certificate.todo": (
        "If your network inspects TLS, put its authority into a PEM file and name it in ca_file; "
        "else sign the register in to the network, and look at the clock."
    ),
    "check.fell.portal": (
        "A captive portal or a sign-in page answers in the platform's place: a web page came, or "
        "the way was turned aside."
    ),
    "check.fell.portal.todo": (
        "Sign this register in to the network, or let the network exempt it; a proxy may need a "
        "sign-in too. No credit was issued or lost by it."
    ),
    "check.fell.answer": "The platform was reached, but no whole answer came ({why}).",
    "check.fell.answer.todo": (
        "Try again; if it stays, ask whoever runs the platform, or what stands before it."
    ),
    "check.fell.answer-5xx": "The platform, or what stands before it, says that it is broken.",
    "check.fell.answer-5xx.todo": "Look at the platform's status page; credits wait meanwhile.",
    # a token that is fetched first
    "check.token": "No access token could be fetched ({why}).",
    "check.token.todo": "Look whether {url} can be reached from here and is the right address.",
    "check.token.refused": "The client id or its secret is refused ({why}).",
    "check.token.refused.todo": (
        "Put a valid client secret into the credential file, and look at client_id and scope in "
        "the settings."
    ),
    # what adapters look at, and a vendor's own words
    "check.probe.credentials": "credentials",
    "check.probe.scope": "scopes",
    "check.probe.limit": "limit",
    "check.probe.plan": "plan",
    "check.probe.clock": "clock",
    "check.probe.account": "account",
    "check.probe.reach": "answer",
    "check.said.status": "status {text}",
    "check.said.code": "code {text}",
    "check.said.message": "“{text}”",
    "check.said.request": "request id {text}",
    # other writers
    "others.cannot": (
        "{platform} cannot list its credits, so nobody can tell from here who else writes them."
    ),
    "others.cannot.todo": (
        "Ask whoever runs the platform for the credits of this store that do not carry a key like "
        "0421-03-1763600000000-7K3QF2ZD, and set other_writers in the settings by hand."
    ),
    "others.none": "{read} credits of the last {days} days were read: none is another writer's.",
    "others.some": "{count} of {read} credits of the last {days} days are not ours: {sums}.",
    "others.line": "{reference}  {amount}  {why}  {state}",
    "others.foreign": "without a key of ours",
    "others.unrecorded": "with this host's key, but not in its journal",
    "others.enabled": "enabled",
    "others.disabled": "disabled",
    "others.more": "Page {page} of {pages}; go on with --page {next}.",
    "others.elsewhere": "{count} more carry keys of other registers or stores and are ours.",
    "others.no-journal": "There is no journal here yet: this host's own keys were not looked up.",
    "others.cut": "There are more than {read} credits; ask for fewer days.",
    "others.todo": (
        "Find out who made them. While another feed creates this store's credits, set "
        "other_writers = true and keep the registers in ring observe."
    ),
    "others.unrecorded.todo": (
        "A credit with a key of this host that its journal does not know: a journal was lost or "
        "put back, or a register was cloned. See docs/damaged-journal.md."
    ),
    # doctor
    "check.room": "disk",
    "check.room.seen": "{mib} MiB are free for {folder}",
    "check.room.todo": "Make room: without it new credits are refused while old ones still end.",
    "check.room.unreadable": "{folder} cannot be asked ({why})",
    "check.adapter": "adapter {name}",
    "check.adapter.ours": "our own",
    "check.adapter.foreign": "foreign, from {distribution}",
    "check.adapter.broken.todo": (
        "{name} comes from {distribution}: install a version that loads, or remove it."
    ),
    "check.adapter.none": "is not installed, and the settings name it",
    "check.adapter.none.todo": "Install its distribution, or look for a slip in the name.",
    "check.agent": "agent",
    "check.agent.seen": "answers, version {version}",
}
