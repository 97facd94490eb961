# SPDX-License-Identifier: Apache-2.0
"""No file holds a secret, the name of a registry's host, or a path of one machine."""

from __future__ import annotations

import pytest

from tests.house.texts import (
    REGISTRIES,
    find_machine_paths,
    find_registries,
    find_secrets,
    find_unlisted,
)
from tests.house.tree import breaches, files

# Each is joined here, so that this file has nothing to be found.
SECRETS = (
    "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAA",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a" * 36,
    "sk_live_" + "a" * 24,
    "shpat_" + "0" * 32,
    "xoxb-" + "1" * 12,
    ".".join(("eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20)),
    "$argon2id" + "$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA",
    "https://till:" + "correcthorse@credit.example/",
)


def test_no_file_holds_a_secret() -> None:
    assert breaches("secret", find_secrets, files()) == []


def test_no_file_names_a_registry() -> None:
    assert breaches("registry", find_registries, files()) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert breaches("machine-path", find_machine_paths, files()) == []


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_found_and_not_repeated(secret: str) -> None:
    findings = find_secrets(f"\nx = '{secret}'", "docs/a.md")
    assert findings == ["docs/a.md:2: looks like a secret"]


@pytest.mark.parametrize(
    "text", ["https://credit.example/a@b", "token = secret.read()", "http://127.0.0.1:8741/x@y"]
)
def test_plain_text_is_no_secret(text: str) -> None:
    assert find_secrets(text, "docs/a.md") == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_a_registry_is_found(host: str) -> None:
    assert len(find_registries(f"see https://{host.upper()}/simple", "docs/a.md")) == 1


@pytest.mark.parametrize(
    "line", ["--index-url x", "--extra-index-url x", "--find-links x", "-i x", "-f x"]
)
def test_an_index_option_in_a_requirements_file_is_found(line: str) -> None:
    assert len(find_registries(f"a==1\n{line}\n", "requirements/run.txt")) == 1
    assert find_registries(f"a==1\n{line}\n", "docs/a.md") == []


@pytest.mark.parametrize("folder", ["work", "root", "home"])
def test_a_path_of_one_machine_is_found(folder: str) -> None:
    assert len(find_machine_paths(f"open('/{folder}/x')", "docs/a.md")) == 1
    assert find_machine_paths(f"https://x.example/{folder}/y", "docs/a.md") == []
    assert find_machine_paths(f"docs/{folder}/y", "docs/a.md") == []


def test_a_name_that_a_document_leaves_out_is_found() -> None:
    document = "| `journal-damaged` | what to do |\nand plain-words\n"
    assert find_unlisted({"journal-damaged"}, document, "docs/faults.md") == []
    assert find_unlisted({"plain-words"}, document, "docs/faults.md") == [
        "docs/faults.md: says nothing of plain-words"
    ]
