# SPDX-License-Identifier: Apache-2.0
"""Draws the templates. Everything that goes into one is escaped; a name that is not there is an
error; sentences come from `agent.words` by their id."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.words import money_text, say

_HERE: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Painter:
    """All templates of one language, read once. Construction reads files: not on the loop."""

    def __init__(self, language: str) -> None:
        self.files = _static()
        digest = hashlib.sha256()
        for name, (data, _) in sorted(self.files.items()):
            digest.update(name.encode() + data)
        self.version = digest.hexdigest()[:12]
        # Every template ends in .html and is escaped, whatever is put into it.
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            say=partial(say, language=language),
            money=money_text,
            asset=self.asset,
            language=language.partition("_")[0],
        )
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def asset(self, name: str) -> str:
        """The address of a static file; it changes with the content of any of them."""
        if name not in self.files:
            raise ValueError(f"there is no static file {name}")
        return f"/screen/static/{self.version}/{name}"

    def draw(self, template: str, **context: Any) -> str:
        return self._environment.get_template(template).render(context)


def _static() -> Mapping[str, tuple[bytes, str]]:
    """Bytes and type of every file that browsers may have."""
    found = {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in (_HERE / "static").iterdir()
        if path.suffix in _TYPES
    }
    return MappingProxyType(found)
