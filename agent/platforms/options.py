# SPDX-License-Identifier: Apache-2.0
"""What the settings of every platform have in common. They hold no secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.platforms.transport import TransportOptions

URL_MAX: Final = 200


class PlatformOptions(BaseModel):
    """The base of each vendor's options; a vendor gives `url` a default where it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, Field(min_length=8, max_length=URL_MAX)]
    """https address up to, not including, the vendor's own paths; plain http only to loopback."""
    ca_file: Path | None = None
    """PEM bundle trusted instead of the system's certificates."""
    proxy: str | None = None
    """http address of a proxy; none is ever taken from the environment."""
    tls_1_2: bool = False
    """Let TLS 1.2 pass. `check` and `doctor` warn while it is on."""

    @classmethod
    def read(cls, table: Mapping[str, object]) -> Self:
        """The settings, checked. Raises ValueError, one sentence with the first wrong one."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as fault:
            import difflib  # for a mistake only

            first = fault.errors(include_input=False, include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else "options"
            near = difflib.get_close_matches(name, cls.model_fields, 1)
            name = name if name.isprintable() else repr(name)
            if first["type"] == "extra_forbidden":
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"platform.{name}: there is no such option{hint}") from None
            raise ValueError(f"platform.{name}: {first['msg']}") from None

    def transport(self) -> TransportOptions:
        """Raises ValueError for an address that would send money in the clear."""
        return TransportOptions(
            url=self.url, ca_file=self.ca_file, proxy=self.proxy, tls_1_2=self.tls_1_2
        )
