# SPDX-License-Identifier: Apache-2.0
"""Who answers to an identifier, by Saleor's answer. Pure.

An e-mail and an external reference are unique among users; a phone number stands in addresses, and
metadata is free text: both may belong to several.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.outcome import Ambiguous, Matched, Resolution, Saying, Unmatched
from agent.platforms.messages import HttpReply
from agent.platforms.reading import Odd, as_unknown, shown
from agent.platforms.saleor.errors import data_of, saying
from agent.platforms.saleor.replies import UserReply, model_of, nodes_of


def read(reply: HttpReply) -> Resolution:
    """Of either question: one user, or a list of customers. Accounts that are closed do not
    count: no card can be given to them."""
    data = data_of(reply, None)
    if not isinstance(data, Mapping):
        return as_unknown(data)
    said = saying(reply, None)
    found = _users(data, said)
    if isinstance(found, Odd):
        return as_unknown(found)
    known = {each.id: each for each in found if each.is_active}
    match list(known.values()):
        case []:
            return Unmatched()
        case [one]:
            return Matched(one.id, _masked(one.email))
        case several:
            return Ambiguous(len(several))


def _users(data: Mapping[str, object], said: Saying) -> list[UserReply] | Odd:
    if "user" in data:
        nodes = [] if data["user"] is None else [data["user"]]
    else:
        listed = nodes_of(data, "customers")
        if listed is None:
            return Odd("not-the-contract", said)
        nodes = listed
    users = []
    for node in nodes:
        user = model_of(node, UserReply, said)
        if isinstance(user, Odd):
            return user
        users.append(user)
    return users


def _masked(email: str) -> str:
    """Enough to recognise one's own, too little to learn another's."""
    name, at, host = shown(email).partition("@")
    return f"{name[:1]}***@{host[:1]}***" if at else ""
