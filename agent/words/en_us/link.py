# SPDX-License-Identifier: Apache-2.0
"""The road to the platform when it is closed: for store IT, and for the page of a register."""

from typing import Final

WORDS: Final = {
    "link.down": (
        "The platform does not answer ({why}); credits go on paper and wait. Store IT runs "
        "`countermark check --platform`."
    ),
    "link.down.auth": (
        "The platform refuses our token or its permissions. No credit is lost: all wait, and new "
        "ones go on paper. Store IT puts a valid token into the credential file; "
        "`countermark check --platform` says what is missing. It goes on by itself."
    ),
    "link.down.credential": (
        "The credential file is missing, empty or not readable. No credit is lost: all wait, and "
        "new ones go on paper. Store IT puts the token where `countermark check --platform` says."
    ),
    "link.down.token": (
        "No access token was given to us. No credit is lost: all wait, and new ones go on paper. "
        "Store IT runs `countermark check --platform`."
    ),
    "link.down.token-refused": (
        "Our client id or its secret is refused where tokens are given. No credit is lost: all "
        "wait, and new ones go on paper. Store IT puts a valid secret into the credential file; "
        "`countermark check --platform` says more. It goes on by itself."
    ),
    "link.down.portal": (
        "A page for people answers in the platform's place, such as a network's sign-in; credits "
        "go on paper and wait. Store IT signs this register in, or exempts it."
    ),
    "link.down.name": (
        "The platform's name is not known to this register's name server; credits go on paper and "
        "wait. Store IT looks at DNS and at platform.url."
    ),
    "link.down.proxy": (
        "The proxy refuses or does not answer; credits go on paper and wait. Store IT looks at "
        "platform.proxy and at the proxy's rules."
    ),
    "link.down.certificate": (
        "The platform's certificate is not trusted, or another machine answers in its place; "
        "credits go on paper and wait. Store IT looks at platform.ca_file and at the network's "
        "sign-in page."
    ),
    "link.down.tls": (
        "No secure connection could be agreed on; credits go on paper and wait. Store IT runs "
        "`countermark check --platform`."
    ),
    "link.notice.auth": (
        "Credits are safe and go on paper. The card system refuses this store's access: "
        "tell store IT."
    ),
    "link.notice.token-refused": (
        "Credits are safe and go on paper. The card system refuses this store's access: "
        "tell store IT."
    ),
    "link.notice.credential": (
        "Credits are safe and go on paper. This register's access to the card system is not set "
        "up: tell store IT."
    ),
}
