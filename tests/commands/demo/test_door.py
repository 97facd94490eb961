# SPDX-License-Identifier: Apache-2.0
"""The demo through its own HTTP door, without a browser: every scene, and who is kept out."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agent.commands.demo.scenes import SCENES
from agent.commands.demo.till import Till
from agent.domain.money import Money
from agent.words import money_text, say
from tests.commands.demo.running import Demo, children_of, running_demo

pytestmark = pytest.mark.slow
NOT_HELD = say("stage.not-held", found="")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("door") / "demo"
    with running_demo(folder, "--chaos-seconds", "3", "--seed", "3") as running:
        yield running


@pytest.mark.parametrize("number", range(len(SCENES)), ids=[scene.name for scene in SCENES])
def test_a_scene_plays_from_its_own_start_and_the_counter_stays_at_zero(
    demo: Demo, number: int
) -> None:
    state = demo.do("scene", number=number)
    assert state["tour"]["said"] == say(SCENES[number].intro_id())
    for step in SCENES[number].steps:
        state = demo.do("next")
        assert NOT_HELD not in state["tour"]["said"], step
        assert state["tour"]["look"] == step.look
        assert state["trouble"] == state["gone"] == state["counter"]["trouble"] == ""
        assert (state["counter"]["difference"], state["counter"]["holds"]) == ("0.00", True)


def test_the_first_scene_promises_what_never_arrives(demo: Demo) -> None:
    demo.do("scene", number=0)
    state = demo.do("next")
    assert state["till"]["kind"] == "today"
    assert state["agent"]["text"] == say("stage.agent.up", ring="observe")
    assert say("stage.till.noted.issue", amount="USD 25.00") in state["till"]["next"]
    state = demo.do("next")
    assert state["phone"]["ticket"] == say("stage.ticket", amount="USD 25.00")


def test_free_play_sells_reprints_voids_and_counts(demo: Demo) -> None:
    demo.do("scene", number=1)
    before = demo.state()["counter"]["issued"]
    demo.do("pull")
    state = demo.do("issue", amount="7.70", customer="walk-in")
    assert (state["till"]["kind"], state["network"]["down"]) == ("voucher", True)
    assert demo.do("twice", amount="3.30", customer="alice")["counter"]["holds"]
    state = demo.do("reprint")
    assert "copy 2" in state["till"]["paper"]
    demo.do("void")
    state = demo.do("mend")
    assert state["counter"]["holds"]
    assert before != state["counter"]["issued"]


def test_what_the_cashiers_page_issues_is_counted_too(demo: Demo) -> None:
    """The page is one more caller of the agent; a till that pairs with its digits is another."""
    demo.do("scene", number=1)
    before = Money.parse(demo.state()["counter"]["issued"].removeprefix("USD "), "USD")
    said = demo.do("screen")["tour"]["said"]
    found = re.search(r"http://127\.0\.0\.1:(\d+)/screen .* (\d{6}) within", said)
    assert found is not None, said
    screen = Till(int(found[1]))
    screen.pair(found[2])
    pos = {"business_date": "2026-11-21", "transaction": "PAGE-1", "line": "1"}
    reply = screen.issue(screen.sale("11.10", pos=pos), "from-the-page")
    assert reply.answer == "confirmed"
    issued = before + Money(1110, "USD")
    state = demo.until(lambda state: state["counter"]["issued"] == money_text(issued))
    assert (state["counter"]["difference"], state["counter"]["holds"]) == ("0.00", True)


def test_a_sale_without_paper_in_the_printer_is_not_promised(demo: Demo) -> None:
    demo.do("scene", number=1)
    demo.do("paper-out")
    demo.do("pull")
    state = demo.do("issue", amount="5.00", customer="walk-in")
    assert state["till"]["kind"] == "ask-a-manager"
    assert state["printer"]["out"] is True
    assert (state["counter"]["waiting"], state["counter"]["holds"]) == ("USD 5.00", True)
    demo.do("scene", number=1)
    state = demo.until(lambda state: state["counter"]["waiting"] == "USD 0.00")  # the till looked
    assert state["counter"]["holds"] is True


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": None}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"X_Stage_Token": "guessed"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 421),
    ],
    ids=str,
)
def test_another_page_drives_nothing(
    demo: Demo, changed: dict[str, str | None], status: int
) -> None:
    before = demo.state()["done"]
    answered, headers, _ = demo.ask("POST", "/act/kill", {}, demo.own(**changed))
    assert answered == status
    assert "Content-Security-Policy" in headers
    state = demo.state()
    assert (state["done"], state["agent"]["dead"]) == (before, False)


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("explode", {}, 422),
        ("scene", {"number": 99}, 422),
        ("scene", {"number": True}, 422),
        ("issue", {"amount": "lots"}, 422),
        ("fault", {"name": "down", "on": True}, 422),
        ("fault", {"name": "slow", "on": "yes"}, 422),
        ("issue", [], 400),
        ("issue", {"amount": "9" * 5000}, 413),
    ],
    ids=str,
)
def test_what_is_no_button_does_nothing(demo: Demo, name: str, body: object, status: int) -> None:
    before = demo.state()["done"]
    assert demo.ask("POST", f"/act/{name}", body, demo.own())[0] == status
    assert demo.state()["done"] == before


def test_one_button_at_a_time(demo: Demo) -> None:
    status, told = demo.act("scene", number=0)
    assert (status, demo.act("kill")[0]) == (202, 409)
    state = demo.do_nothing_until(told["deed"])
    assert state["agent"]["dead"] is False


def test_papers_are_pictures_and_nothing_else_is_served(demo: Demo) -> None:
    demo.do("scene", number=1)
    demo.do("next")
    paper = demo.until(lambda state: bool(state["papers"]))["papers"][0]
    status, headers, text = demo.ask("GET", paper["src"])
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert text.startswith("<svg")
    for path in (
        "/papers/99999.svg",
        "/papers/x.svg",
        "/static/stage.html",
        "/static/..%2fx",
        "/x",
    ):
        assert demo.ask("GET", path)[0] == 404, path
    for path in ("/", "/state", "/static/stage.js", "/static/parts.js", "/static/stage.css"):
        status, headers, _ = demo.ask("GET", path)
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff"), path


def test_a_process_that_ends_by_itself_is_said_and_ctrl_c_leaves_no_child(
    tmp_path: Path,
) -> None:
    with running_demo(tmp_path / "demo") as demo:
        children = children_of(demo.child.pid)
        assert len(children) == 3
        demo.do("scene", number=1)
        printer = next(pid for pid in children if "simulated_control" in command_of(pid))
        os.kill(printer, signal.SIGKILL)
        state = demo.until(lambda state: state["gone"] != "")
        assert state["gone"].startswith("The printer ended by itself.")
        assert demo.do("issue", amount="1.00", customer="alice")["till"]["kind"] == "confirmed"
        children = children_of(demo.child.pid)
        assert demo.stop() == 0
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_ctrl_c_in_the_middle_of_chaos_ends_everything(tmp_path: Path) -> None:
    with running_demo(tmp_path / "demo", "--chaos-seconds", "60") as demo:
        demo.do("scene", number=10)
        assert demo.act("next")[0] == 202
        demo.until(lambda state: state["chaos"]["running"])
        children = children_of(demo.child.pid)
        assert demo.stop(signal.SIGTERM) == 0
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_taken_port_and_a_foreign_folder_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = typed("--port", port, "--folder", str(tmp_path / "demo"))
    assert (code, f"Port {port} cannot be opened" in said) == (1, True)
    code, said = typed("--folder", str(tmp_path))
    assert (code, "holds files that no demo made" in said) == (1, True)
    assert [each.name for each in tmp_path.iterdir()] == ["letters"]


def test_a_card_that_nobody_was_given_turns_the_counter_red_and_is_never_hidden(
    tmp_path: Path,
) -> None:
    with running_demo(tmp_path / "demo", "--chaos-seconds", "1") as demo:
        key = "0421-99-1763600000000-7K3QF2ZA"
        book_behind_our_back(demo.folder, key)
        counter = demo.until(lambda state: not state["counter"]["holds"])["counter"]
        assert (counter["difference"], counter["issued"]) == ("-7.00", "USD 0.00")
        assert key in counter["trouble"]
        state = demo.do("chaos")
        assert "difference -7.00" in state["trouble"]
        assert not state["chaos"]["held"]
        found = json.loads((demo.folder / "difference.json").read_text())
        assert found["difference"] == "-7.00"
        assert demo.stop() == 0
    with running_demo(tmp_path / "demo") as demo:
        assert demo.state()["counter"]["holds"]
        assert (demo.folder / "kept" / "1" / "difference.json").exists()


def book_behind_our_back(folder: Path, key: str) -> None:
    """A card of USD 7.00 on the platform that no register asked for."""
    settings = tomllib.loads((folder / "countermark.toml").read_text())
    token = (folder / "credentials" / "platform-token").read_text().strip()
    amount = {"minor": 700, "currency": "USD"}
    card = {"key": key, "code": "A000000000000000", "amount": amount}
    address = urlsplit(settings["platform"]["url"])
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "7e252f25-060c-4781-bc88-93ecbb24b2da",
    }
    connection.request("POST", "/v1/credits", json.dumps(card), headers)
    assert connection.getresponse().status == 201
    connection.close()


def typed(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "agent", "demo", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_the_page_names_every_scene_and_loads_nothing_from_elsewhere(demo: Demo) -> None:
    _, headers, page = demo.ask("GET", "/")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    for scene in SCENES:
        assert say(scene.title_id()) in page
    assert "http" not in page.replace("http-equiv", "")
    assert json.loads(demo.ask("GET", "/state")[2])["counter"]
