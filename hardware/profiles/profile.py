# SPDX-License-Identifier: Apache-2.0
"""A printer model's profile, read from the TOML file of its name in this folder.

A profile is data about a model, never about one shop's printer: its address and its habits belong
to the settings. What is not known of a model is set to what does no harm.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files

from hardware.wire.code_pages import CodePage


@dataclass(frozen=True, slots=True)
class Profile:
    """One model.

    ``columns``: characters of Font A on a line, of ``width_dots`` / 12 at most.
    ``code_pages``: slots of ESC t, the preferred one first.
    ``native_qr``: GS ( k is known to work; otherwise QR symbols are sent as dots.
    ``process_id``: GS ( H answers when printing is done.
    ``automatic_status``: GS a works. ``cutter``: there is one.
    ``cancel_kanji``: it starts in a two-byte mode, and FS . ends that.
    ``learned``: where these facts come from, one sentence each.
    """

    name: str
    title: str
    columns: int
    width_dots: int
    dots_per_inch: int
    code_pages: tuple[CodePage, ...]
    native_qr: bool
    process_id: bool
    automatic_status: bool
    cutter: bool
    cancel_kanji: bool
    learned: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.columns <= self.width_dots // 12:
            raise ValueError(f"{self.name}: {self.columns} columns need more than its width")
        if not 8 <= self.width_dots <= 4096 or not 100 <= self.dots_per_inch <= 600:
            raise ValueError(f"{self.name}: width or resolution is out of bounds")
        if not self.code_pages:
            raise ValueError(f"{self.name}: a printer has at least one code page")
        if len({page.slot for page in self.code_pages}) != len(self.code_pages):
            raise ValueError(f"{self.name}: a code page slot is named twice")
        if not self.learned or not all(line.strip() for line in self.learned):
            raise ValueError(f"{self.name}: say where this was learnt")

    @property
    def code_page(self) -> CodePage:
        """The one to write in unless the settings name another."""
        return self.code_pages[0]

    @property
    def slots(self) -> Mapping[int, str]:
        """Slot to codec, as the picture maker wants it."""
        return {page.slot: page.codec for page in self.code_pages}

    def find_code_page(self, codec: str) -> CodePage:
        """The slot that holds this codec; ``ValueError`` with those there are."""
        for page in self.code_pages:
            if page.codec == codec:
                return page
        known = ", ".join(page.codec for page in self.code_pages)
        raise ValueError(f"{self.name} has no code page {codec!r}; it has {known}")


def names() -> tuple[str, ...]:
    """The profiles there are, in alphabetical order."""
    folder = files("hardware.profiles")
    found = (entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in found))


def load(name: str) -> Profile:
    """The profile of that name; ``ValueError`` with the list and a suggestion for any other."""
    known = names()
    if name not in known:
        from difflib import get_close_matches  # for a mistake only

        near = get_close_matches(name, known, n=1, cutoff=0.5)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no printer profile {name!r}{meant} There are: {', '.join(known)}")
    source = files("hardware.profiles").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return parse(name, source)


def parse(name: str, source: str) -> Profile:
    """A profile from TOML. ``ValueError`` for a key missing, unknown or of the wrong kind."""
    data = tomllib.loads(source)
    wanted = {each.name for each in fields(Profile)} - {"name"}
    if missing := sorted(wanted - data.keys()):
        raise ValueError(f"profile {name}: {', '.join(missing)} missing")
    if unknown := sorted(data.keys() - wanted):
        raise ValueError(f"profile {name}: unknown {', '.join(unknown)}")
    pages = data["code_pages"]
    if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
        raise ValueError(f"profile {name}: code_pages is a list of tables")
    for key in ("columns", "width_dots", "dots_per_inch"):
        if type(data[key]) is not int:
            raise ValueError(f"profile {name}: {key} is a whole number")
    for key in ("native_qr", "process_id", "automatic_status", "cutter", "cancel_kanji"):
        if type(data[key]) is not bool:
            raise ValueError(f"profile {name}: {key} is true or false")
    return Profile(
        name=name,
        title=str(data["title"]),
        columns=data["columns"],
        width_dots=data["width_dots"],
        dots_per_inch=data["dots_per_inch"],
        code_pages=tuple(_code_page(name, page) for page in pages),
        native_qr=data["native_qr"],
        process_id=data["process_id"],
        automatic_status=data["automatic_status"],
        cutter=data["cutter"],
        cancel_kanji=data["cancel_kanji"],
        learned=tuple(str(line) for line in data["learned"]),
    )


def _code_page(name: str, page: Mapping[str, object]) -> CodePage:
    slot, codec = page.get("slot"), page.get("codec")
    if type(slot) is not int or not isinstance(codec, str) or len(page) != 2:
        raise ValueError(f"profile {name}: a code page is a slot and a codec")
    return CodePage(slot, codec)
