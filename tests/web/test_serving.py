"""`upcross serve` and `upcross users` as processes of their own: the first try of somebody who just installed it."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from upcross.access import people
from upcross.access.secret import secret_key
from upcross.cli.app import app
from upcross.errors import ProjectError, UpcrossError, UsageError
from upcross.ledger.models import Entry
from upcross.ledger.place import Place
from upcross.ledger.refusals import RefusedError
from upcross.project import open_project
from upcross.serving import Provider, Serving
from upcross.web.listening import Listening, listen, refuse_the_open
from upcross.web.settings import serving_settings
from web.browser import Browser, member

PASSWORD = "correct horse battery"


def upcross(project: Path, *words: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, [*words, "-C", str(project)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def project_with(folder: Path, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "upcross.yaml").write_text(f"name: Vendor\nreporting_currency: EUR\n{more}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, empty_ledger: Path) -> Path:
    folder = project_with(tmp_path_factory.mktemp("served"))
    (folder / ".upcross").mkdir()
    shutil.copyfile(empty_ledger, folder / ".upcross" / "ledger.sqlite3")
    return folder


@contextmanager
def serving(project: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server that answers, by its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "upcross.cli.app", "serve", "-C", str(project), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"did not come up: {process.stdout.read() if process.stdout else ''}")
            try:
                urllib.request.urlopen(f"{address}/sign-in/", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        yield address, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def served(project: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with serving(project) as found:
        yield found


class Visitor:
    """Somebody with a browser over plain http on this machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def open(self, path: str, **fields: str) -> str:
        asked = urllib.request.Request(self.address + path)
        if fields:
            asked.data = urllib.parse.urlencode(fields).encode()
            asked.add_header("Origin", self.address)
        with self.opener.open(asked, timeout=20) as answer:
            return str(answer.read().decode())

    def submit(self, path: str, **fields: str) -> str:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', self.open(path))
        assert token
        return self.open(path, csrfmiddlewaretoken=token.group(1), **fields)


def test_the_first_user_comes_in_over_plain_http_on_this_machine(
    project: Path, served: tuple[str, subprocess.Popen[str]]
) -> None:
    address, _ = served
    told = upcross(project, "users", "add", "ann@vendor.example", "--role", "admin")
    path = urllib.parse.urlsplit(told.strip().splitlines()[-1]).path
    ann = Visitor(address)
    assert "Your account is ready" in ann.submit(path, name="Ann", password=PASSWORD, again=PASSWORD)
    assert "Today" in ann.submit("/sign-in/", login="ann@vendor.example", password=PASSWORD)
    assert {cookie.name for cookie in ann.cookies} == {"upcross-session", "upcross-csrf"}
    assert "ann@vendor.example" in upcross(project, "users", "list")


@pytest.mark.usefixtures("ledger")
def test_an_administrator_without_mail_hands_out_a_link_to_a_new_password(tmp_path: Path) -> None:
    user, new = member(), "staple battery horse"
    link = urllib.parse.urlsplit(upcross(project_with(tmp_path), "users", "reset", user.email).strip()).path
    browser = Browser()
    browser.submit(browser.get(link).headers["Location"], password1=new, password2=new)
    browser.sign_in(user, new)
    assert browser.is_in


def test_people_are_managed_from_the_command_line(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    for name, role in (("ann", "admin"), ("bo", "csm")):
        people.accept(
            upcross(project, "users", "add", f"{name}@vendor.example", "--role", role).strip().split("/")[-2],
            password=PASSWORD,
        )
    upcross(project, "users", "role", "BO@vendor.example", "manager")
    upcross(project, "users", "disable", "bo@vendor.example")
    listed = json.loads(upcross(project, "users", "list", "--format", "json"))
    assert [(row["email"], row["role"], row["state"]) for row in listed] == [
        ("ann@vendor.example", "admin", "active"), ("bo@vendor.example", "manager", "disabled")
    ]  # fmt: skip
    upcross(project, "users", "enable", "bo@vendor.example")
    with pytest.raises(RefusedError, match="last administrator"):
        upcross(project, "users", "disable", "ann@vendor.example")
    kinds = Entry.objects.filter(by__startswith="operator:").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["invite", "invite", "change_role", "disable", "enable"]


def test_a_token_is_printed_once_and_listed_without_its_secret(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    told = upcross(project, "users", "token", "warehouse", "--scope", "read", "--scope", "log")
    secret = told.strip().splitlines()[-1]
    assert secret.startswith("upx_")
    key = secret.split("_")[1]
    listed = upcross(project, "users", "tokens")
    assert key in listed and secret.split("_", 2)[2] not in listed
    upcross(project, "users", "revoke", key)
    assert "revoked" in upcross(project, "users", "tokens")


def test_messages_of_other_systems_arrive_without_a_session_and_are_held_to_their_signature(
    served: tuple[str, subprocess.Popen[str]],
) -> None:
    for path in ("/inbound/slack", "/inbound/webhook/crm"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{served[0]}{path}", b"{}"), timeout=20)
        assert refused.value.code == 404  # nothing is set up here: neither a missing token nor a fault


def test_one_signal_ends_it_after_what_it_does_and_with_nothing_left(project: Path) -> None:
    with serving(project) as (_, process):
        children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        assert children
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)  # a wrapper and a terminal that both pass on one Ctrl+C
        assert process.wait(25) == 0
        assert "Traceback" not in (process.stdout.read() if process.stdout else "")
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_it_says_what_to_do_first_and_ends_when_told(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = served
    children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    assert children
    where = urllib.parse.urlsplit(address)
    with socket.create_connection((where.hostname or "", where.port or 0)) as half:
        half.send(b"GET /sign-in/ HT")  # somebody who may never finish what they ask
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)  # as Ctrl+C pressed once more
        assert process.wait(10) == 0
    said = process.stdout.read() if process.stdout else ""
    assert address in said and "upcross users add" in said and "Traceback" not in said
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            UpcrossError, match=f"cannot listen at 127.0.0.1:{port}: Address already in use; choose another"
        ):
            listen(open_project(project_with(tmp_path)), Listening(port=port))
    assert not (tmp_path / ".upcross").exists()


def test_it_does_not_listen_beyond_this_machine_unprotected(tmp_path: Path) -> None:
    bare, public = (
        project_with(tmp_path / "a"),
        project_with(tmp_path / "b", "serve: {public_url: 'https://upcross.vendor.example'}\n"),
    )
    for host in ("0.0.0.0", "::", "10.0.0.7", "upcross.vendor.example"):
        with pytest.raises(UsageError, match="public_url"):
            refuse_the_open(open_project(bare), Listening(host))
        refuse_the_open(open_project(bare), Listening(host, plain_http=True))
        refuse_the_open(open_project(public), Listening(host))
    for host in ("127.0.0.1", "::1", "localhost"):
        refuse_the_open(open_project(bare), Listening(host))


def test_cookies_are_bound_to_https_where_that_is_how_people_come() -> None:
    def told(url: str | None) -> tuple[str, bool, int]:
        given = serving_settings(Place(Path("x")), key="k" * 32, serving=Serving(public_url=url))
        return given["SESSION_COOKIE_NAME"], given["SESSION_COOKIE_SECURE"], given["SECURE_HSTS_SECONDS"]

    assert told(None) == ("upcross-session", False, 0)
    assert told("https://upcross.vendor.example") == ("__Host-upcross-session", True, 31536000)


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = secret_key(tmp_path)
    file = tmp_path / "secret"
    assert file.stat().st_mode & 0o777 == 0o600 and secret_key(tmp_path) == made and len(made) >= 64
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        secret_key(tmp_path)
    monkeypatch.setenv("UPCROSS_SECRET_KEY", "short")
    with pytest.raises(UsageError, match="at least 32"):
        secret_key(tmp_path)
    monkeypatch.setenv("UPCROSS_SECRET_KEY", "x" * 40)
    assert secret_key(tmp_path) == "x" * 40


def test_faults_of_the_project_file_are_told_with_their_places(tmp_path: Path) -> None:
    folder = project_with(
        tmp_path,
        "serve: {public_url: upcross.example, trusted_proxies: -1}\n"
        "sign_in:\n"
        "  oidc:\n"
        "    - {name: Company, issuer: 'http://id.vendor.example', client_id: upcross, client_secret_env: hunter2}\n"
        "    - {name: Other, issuer: 'https://id.vendor.example', client_id: upcross, client_secret_env: OTHER, role: csm}\n"
        "    - {name: Third, issuer: 'https://id.vendor.example', client_id: x, client_secret_env: OTHER, role: admin}\n",
    )
    with pytest.raises(ProjectError) as told:
        open_project(folder)
    places = {(issue.place.line, issue.place.column) for issue in told.value.report if issue.place}
    assert {line for line, _ in places} == {3, 6, 7, 8}
    text = str(told.value)
    assert "must be the address that people type" in text and "role needs domains" in text and "https://" in text


def test_a_provider_without_its_secret_is_named_and_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider(
        name="Company", issuer="https://id.vendor.example", client_id="u", client_secret_env="COMPANY_SECRET"
    )
    monkeypatch.delenv("COMPANY_SECRET", raising=False)
    with pytest.raises(UsageError, match="COMPANY_SECRET, which is not set"):
        serving_settings(Place(Path("x")), key="k" * 32, providers=[provider])
