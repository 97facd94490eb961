# SPDX-License-Identifier: Apache-2.0
"""From settings to the options of each part. Each part receives only its own."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.decisions.limits import Limits
from agent.domain.faults import SettingsWrong
from agent.domain.place import Place
from agent.flows.register import Register, Registers
from agent.platforms.adapter import Plugin
from agent.platforms.catalog import Catalog, PlatformMissing
from agent.printing.options import PaperOptions, VoucherMode
from agent.printing.press import Route
from agent.settings import credentials
from agent.settings.model import Settings
from agent.signing import public_text
from hardware.printers.open import open_printer
from hardware.profiles import load as load_profile


def registers(settings: Settings, own_public: bytes) -> Registers:
    """The registers of this host, with what each may do."""
    store, limits, voucher = settings.store, settings.limits, settings.voucher
    enrolled = is_enrolled(settings, own_public)
    return Registers(
        Register(
            place=Place(store.number, each.id),
            currency=store.currency,
            ring=each.ring,
            policy=store.customer,
            limits=Limits(
                per_credit=limits.per_credit,
                outstanding=limits.outstanding,
                per_hour=limits.per_hour,
                oldest_hours=limits.oldest_hours,
                unclaimed=limits.unclaimed,
            ),
            budget_s=each.budget_s,
            approval_over=settings.approval.over,
            reprint_over=settings.approval.reprint_over,
            enrolled=enrolled,
            expires_days=voucher.expires_days,
            printer=each.printer,
            bearer_claims=voucher.bearer_claims,
        )
        for each in settings.register_
    )


def is_enrolled(settings: Settings, own_public: bytes) -> bool:
    """Whether every verifier holds our public key (design section 4).

    Code-only paper is typed in at the storefront, and a store of one host verifies itself; a
    hosted page must be known to hold the key, by `voucher.trusted_keys`.
    """
    if settings.voucher.mode == "code-only":
        return True
    if public_text(own_public) in settings.voucher.trusted_keys:
        return True
    return settings.voucher.mode == "store-only" and not settings.voucher.trusted_keys


def paper_options(settings: Settings) -> PaperOptions:
    """What a store's papers say. Raises `SettingsWrong` for an unknown time zone."""
    store, voucher = settings.store, settings.voucher
    try:
        zone = zoneinfo.ZoneInfo(store.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsWrong(
            file="settings", key="store.timezone", problem="is no IANA time zone known here"
        ) from error
    mode = VoucherMode(voucher.mode)
    try:
        return PaperOptions(
            mode=mode,
            host=voucher.host if mode is VoucherMode.HOSTED else None,
            brand=store.brand,
            store_line=store.address,
            help_line=voucher.help,
            legal_line=voucher.terms,
            zone=zone,
            language=store.language,
        )
    except ValueError as error:
        raise SettingsWrong(file="settings", key="voucher", problem=str(error)) from error


def routes(settings: Settings) -> Mapping[str, Route]:
    """A printer route for each register that names one. Nothing is connected yet."""
    printers = {}
    for name, each in settings.printer.items():
        try:
            profile = load_profile(each.profile)
            printer = open_printer(
                each.connection, name=name, profile=profile, allow_silent=each.allow_silent
            )
        except ValueError as error:
            raise SettingsWrong(
                file="settings", key=f"printer.{name}", problem=str(error)
            ) from error
        printers[name] = Route(printer, profile, each.timeout_s)
    return {
        register.id: printers[register.printer]
        for register in settings.register_
        if register.printer is not None
    }


def plugin(settings: Settings) -> Plugin:
    """The adapter of this host's registers with its options; raises `SettingsWrong`."""
    section, said = settings.platform_of(settings.store.number)
    table: dict[str, object] = {"url": section.url, **section.options}
    if section.ca_file is not None:
        table["ca_file"] = section.ca_file
    if section.proxy is not None:
        table["proxy"] = section.proxy
    if section.tls_minimum == "1.2":
        table["tls_1_2"] = True
    try:
        return Catalog().plugin(section.name, table)
    except PlatformMissing as error:
        raise SettingsWrong(file="settings", key=f"{said}.name", problem=str(error)) from error
    except ValueError as error:
        raise SettingsWrong(
            file="settings", key=said, problem=str(error).splitlines()[0]
        ) from error


def secret_reader(settings: Settings, environment: Mapping[str, str]) -> Callable[[], str]:
    """Reads the platform's credential anew each time; OSError where it is not there yet, or is
    not fit to be used (`check` says why): a request that waits for it is then not sent."""
    name, folder = settings.platform_here.credential, settings.agent.credentials_dir

    def read() -> str:
        try:
            secret = credentials.read(name, folder, environment)
        except SettingsWrong as fault:
            raise PermissionError(f"credential {name} is not fit to be used") from fault
        if secret is None:
            raise FileNotFoundError(f"no credential {name}")
        return secret

    return read


def seal_file(state_dir: Path) -> Path:
    """The key that seals codes and personal data at rest."""
    return state_dir / "seal.key"


def signing_file(state_dir: Path) -> Path:
    """The register's own signing key."""
    return state_dir / "signing.key"


def journal_dir(state_dir: Path) -> Path:
    """The journal's folder; one daemon holds its lock."""
    return state_dir / "journal"
