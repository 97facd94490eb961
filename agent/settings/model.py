# SPDX-License-Identifier: Apache-2.0
"""Every setting there is, with its type, its safe default, its bounds and its line of text.

Amounts are minor units of the store's currency. docs/settings.md is checked against this file.
Secrets have no place here: `credential` names a file, see `agent.settings.credentials`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agent.domain.currency import exponent
from agent.domain.customer import CustomerPolicy
from agent.flows.register import Ring

Part = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,6}$")]
StorePattern = Annotated[str, Field(pattern=r"^([0-9A-Z]{1,6}|[0-9A-Z]{0,5}\*)$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Minor = Annotated[int, Field(ge=0, le=10**12, strict=True)]
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,58}[A-Za-z0-9])?")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Section(BaseModel):
    """Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Store(Section):
    """`[store]`: which store this is."""

    number: Part = Field(description="Store number, 1 to 6 of 0-9 and A-Z; stands in every key")
    currency: str = Field(description="ISO 4217 code of the credits; no default")
    customer: CustomerPolicy = Field(
        CustomerPolicy.WANTED, description="Whether a credit needs a customer"
    )
    brand: str = Field("", max_length=40, description="Name at the head of every paper")
    address: str = Field("", max_length=40, description="Line under the name")
    region: str = Field(
        "US", pattern=r"^[A-Z]{2}$", description="Country whose phone numbers need no prefix"
    )
    timezone: str = Field("UTC", max_length=40, description="IANA time zone printed on papers")
    language: Literal["en_US"] = Field("en_US", description="Language of screens and papers")

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        exponent(value)
        return value


class RegisterSection(Section):
    """`[[register]]`: one for each register that this host serves."""

    id: Part = Field(description="Register id, 1 to 6 of 0-9 and A-Z; '03' and '3' differ")
    printer: Name | None = Field(None, description="Which [printer.NAME] prints its papers")
    ring: Ring = Field(Ring.OBSERVE, description="observe: watches only; issue: issues credits")
    budget_s: float = Field(
        4.0, ge=0.3, le=30, description="Longest wait of a cashier for an answer, in seconds"
    )


class PlatformSection(Section):
    """`[platform]`: the gift-card platform, the single source of truth."""

    name: Name = Field("rest", description="Adapter, as installed under countermark.platforms")
    url: str = Field(description="Address of the platform; https, or http to loopback only")
    credential: Name = Field("platform-token", description="Name of the credential file")
    ca_file: Path | None = Field(None, description="Private certificate authorities, PEM")
    proxy: str | None = Field(None, description="Explicit http proxy; none from the environment")
    moved_from: str | None = Field(
        None, description="The address this same platform had before, while credits wait for it"
    )
    tls_minimum: Literal["1.3", "1.2"] = Field("1.3", description="1.2 only with a warning")
    other_writers: bool = Field(
        False, description="Another feed creates the same credits; ring issue is then refused"
    )
    options: dict[str, str | int | bool] = Field(
        default_factory=dict, description="The adapter's own options"
    )

    @property
    def mark(self) -> str:
        """What the journal remembers of the platform that its credits went to."""
        return _mark(self.name, self.url)

    @property
    def mark_before(self) -> str | None:
        return None if self.moved_from is None else _mark(self.name, self.moved_from)

    @field_validator("url")
    @classmethod
    def _safe_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "http" and parts.hostname in LOOPBACK:
            return value
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
            raise ValueError("must be an https address without a password (http only to loopback)")
        return value


def _mark(name: str, url: str) -> str:
    """Adapter, host and path. A platform on loopback is one whatever its port: to practise on."""
    parts = urlsplit(url)
    host = "loopback" if parts.hostname in LOOPBACK else parts.netloc
    return f"{name} {host}{parts.path.rstrip('/')}"


class PlatformForSection(PlatformSection):
    """`[[platform_for]]`: another platform for some stores, with the keys of `[platform]`."""

    stores: tuple[StorePattern, ...] = Field(
        min_length=1,
        description='Whose platform this is: store numbers ("0421"), or their beginnings ("05*")',
    )

    def names(self, store: str) -> bool:
        """Whether this very number stands there."""
        return store in self.stores

    def covers(self, store: str) -> bool:
        """Whether the number begins as one of the patterns does."""
        patterns = (each.removesuffix("*") for each in self.stores if each.endswith("*"))
        return any(store.startswith(each) for each in patterns)


class LimitsSection(Section):
    """`[limits]`: what a register may promise unconfirmed."""

    per_credit: Minor = Field(20_000, description="Largest single credit on offline paper")
    outstanding: Minor = Field(200_000, description="Sum promised and not confirmed")
    per_hour: Minor = Field(100_000, description="Sum promised within one hour")
    oldest_hours: int = Field(72, ge=1, le=8760, description="Age of the oldest waiting credit")
    unclaimed: int = Field(50, ge=0, le=10_000, description="Identity vouchers not yet collected")


class ApprovalSection(Section):
    """`[approval]`: when a manager must say yes."""

    over: Minor | None = Field(None, description="Credits above this need a manager's PIN")
    reprint_over: Minor | None = Field(None, description="Reprints above this need a manager")


class PrinterSection(Section):
    """`[printer.NAME]`: a receipt printer."""

    connection: str = Field(description="tcp://HOST:PORT of a network printer")
    profile: Name = Field("generic-80", description="Model, as in hardware/profiles")
    allow_silent: bool = Field(
        False, description="Print money paper though the printer never answers a status request"
    )
    timeout_s: float = Field(8.0, ge=0.5, le=60, description="Deadline of one paper, in seconds")

    @field_validator("connection")
    @classmethod
    def _network(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "tcp" or not parts.hostname or not parts.port:
            raise ValueError("must look like tcp://192.0.2.7:9100")
        return value


class VoucherSection(Section):
    """`[voucher]`: the paper promise."""

    mode: Literal["hosted", "code-only", "store-only"] = Field(
        "code-only", description="Where a voucher is claimed"
    )
    host: str | None = Field(None, description="Claim page's host, at most 60 characters")
    expires_days: int = Field(
        30, ge=0, le=3650, description="Days the paper can be claimed; 0 prints none"
    )
    bearer_claims: bool = Field(
        False, description="Whoever holds identity paper may claim it, without a customer"
    )
    trusted_keys: tuple[str, ...] = Field(
        (), description="Public keys (ed25519:...) that every verifier of this store holds"
    )
    help: str = Field("", max_length=60, description="Help line at the foot")
    terms: str = Field("", max_length=200, description="Legal line at the foot")

    @model_validator(mode="after")
    def _hosted_has_host(self) -> Self:
        if self.mode == "hosted" and self.host is None:
            raise ValueError("voucher.host is needed for mode hosted")
        if self.host is not None and _HOST.fullmatch(self.host) is None:
            raise ValueError("voucher.host is a host name of at most 60 characters")
        return self


class ApiSection(Section):
    """`[api]`: the local API for POS vendors."""

    port: int = Field(8741, ge=0, le=65535, description="Port on loopback; 0 takes a free one")
    hosts: tuple[str, ...] = Field((), description="Further Host headers, exact, with port")
    origins: tuple[str, ...] = Field((), description="Origins of web tills that may call")


class AgentSection(Section):
    """`[agent]`: where the agent lives."""

    state_dir: Path = Field(Path("/var/lib/countermark"), description="Journal and keys")
    run_dir: Path = Field(Path("/run/countermark"), description="Socket")
    credentials_dir: Path = Field(
        Path("/etc/countermark/credentials"),
        description="Credential files, where systemd gives none",
    )
    forget_days: int = Field(
        90, ge=1, le=3650, description="Days after which a settled credit's customer is forgotten"
    )


class Settings(Section):
    """The whole file."""

    store: Store
    register_: tuple[RegisterSection, ...] = Field(alias="register", min_length=1, max_length=64)
    platform: PlatformSection
    platform_for: tuple[PlatformForSection, ...] = Field((), max_length=64)
    limits: LimitsSection = LimitsSection()
    approval: ApprovalSection = ApprovalSection()
    printer: dict[Name, PrinterSection] = Field(default_factory=dict)
    voucher: VoucherSection = VoucherSection()
    api: ApiSection = ApiSection()
    agent: AgentSection = AgentSection()

    def platform_of(self, store: str) -> tuple[PlatformSection, str]:
        """The platform that a store's credits go to, and where the settings say so.

        A table that names the store goes before one whose pattern covers it; where none does,
        it is `[platform]`. Raises ValueError where two tables claim the store.
        """
        tables = list(enumerate(self.platform_for))
        for claims in (PlatformForSection.names, PlatformForSection.covers):
            found = [(index, table) for index, table in tables if claims(table, store)]
            if len(found) > 1:
                both = " and ".join(f"platform_for.{index} ({t.url})" for index, t in found[:2])
                raise ValueError(
                    f"store {store} goes to two platforms, {both}: the registers of a host have "
                    "one; let one table name the store alone"
                )
            if found:
                return found[0][1], f"platform_for.{found[0][0]}"
        return self.platform, "platform"

    @property
    def platform_here(self) -> PlatformSection:
        """The platform of this host's registers, which are all of one store."""
        return self.platform_of(self.store.number)[0]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        here, said = self.platform_of(self.store.number)
        ids = [register.id for register in self.register_]
        if len(set(ids)) != len(ids):
            raise ValueError("register.id must differ from register to register")
        for register in self.register_:
            if register.printer is not None and register.printer not in self.printer:
                raise ValueError(
                    f"register {register.id} names printer {register.printer!r}, "
                    f"but there is no [printer.{register.printer}]"
                )
            if register.ring is Ring.ISSUE and here.other_writers:
                raise ValueError(
                    f"register {register.id} cannot be in ring issue while "
                    f"{said}.other_writers is true: both would create the same credits"
                )
        return self
