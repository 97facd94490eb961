# SPDX-License-Identifier: Apache-2.0
"""A register's settings towards a platform that a test makes as bad as it likes."""

from __future__ import annotations

import email.utils
import json
from pathlib import Path

from agent.settings.load import load
from agent.settings.model import Settings

SECRET = "token-that-no-line-may-show-5f2c"
EMPTY_LIST: dict[str, object] = {"credits": [], "next_cursor": None}

SETTINGS = """\
[store]
number = "0421"
currency = "USD"
[[register]]
id = "03"
[platform]
url = "{url}"
{more}
[agent]
state_dir = "{folder}/state"
run_dir = "{folder}/run"
credentials_dir = "{folder}/credentials"
"""


def settings_file(folder: Path, url: str, more: str = "", secret: str | None = SECRET) -> Path:
    """A settings file; `secret` None: nobody has put the credential yet."""
    (folder / "credentials").mkdir(mode=0o700, exist_ok=True)
    if secret is not None:
        credential = folder / "credentials" / "platform-token"
        credential.write_text(secret)
        credential.chmod(0o600)
    file = folder / "countermark.toml"
    file.write_text(SETTINGS.format(url=url, more=more, folder=folder))
    return file


def settings_for(folder: Path, url: str, more: str = "", secret: str | None = SECRET) -> Settings:
    return load(settings_file(folder, url, more, secret), {}).settings


def answer(
    status: int = 200,
    body: object = None,
    *,
    media: str = "application/json",
    at_s: float | None = None,
    **headers: str,
) -> bytes:
    """A whole reply as bytes. `at_s`: its Date, in seconds since 1970; none where not given."""
    data = body if isinstance(body, bytes) else json.dumps(body or EMPTY_LIST).encode()
    named = {"Content-Type": media, "Content-Length": str(len(data))}
    named.update({name.replace("_", "-"): value for name, value in headers.items()})
    if at_s is not None:
        named["Date"] = email.utils.formatdate(at_s, usegmt=True)
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + data
