"""The app as people meet it: the sample company, planned and applied, served by the real command, in a real browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.site import Site, Watched

TODAY = "2026-09-30"
expect.set_options(timeout=30_000)  # a machine that is busy answers slowly, and no test here is about that


@pytest.fixture(scope="session")
def applied_company(made_once: Callable[[str, Callable[[Path], None]], Path], company_project: Path) -> Path:
    """The whole sample company with its plan applied and published, and people who can sign in; a copy of our own."""

    def make(folder: Path) -> None:
        shutil.copytree(company_project, folder)
        made = subprocess.run(
            [sys.executable, "-m", "app.site", str(folder)], capture_output=True, text=True, env=environment(),
            cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert made.returncode == 0, made.stderr

    return made_once("applied", make)


@pytest.fixture(scope="session")
def site(applied_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server, for all tests that change nothing that another one reads."""
    with _served(applied_company) as found:
        yield found


@pytest.fixture(scope="session")
def _changing_site(applied_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Path]]:
    folder = tmp_path_factory.mktemp("changing") / "company"
    shutil.copytree(applied_company, folder)
    with _served(folder) as found:
        before = folder.parent / "before.sqlite3"
        _copy(_ledger(folder), before)
        yield found, before


@pytest.fixture
def own_site(_changing_site: tuple[Site, Path]) -> Site:
    """A server whose ledger is for tests to change: each of them finds it as the plan left it."""
    site, before = _changing_site
    _copy(before, _ledger(site.folder))
    return site


@pytest.fixture
def fresh_site(applied_company: Path, tmp_path: Path) -> Iterator[Site]:
    """A server and files of one's own, for tests that lay plans or end the server."""
    folder = tmp_path / "company"
    shutil.copytree(applied_company, folder)
    with _served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once a file: while it runs, Django takes this process for an asynchronous one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "no browser is installed: `apt-get install chromium`, or run `make setup`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Open a page of a site as somebody: ``opened(site, "csm", "/accounts/")``; faults of the console fail the test."""
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def open_page(
        site: Site, role: str = "csm", path: str = "/", *, width: int = 1440, height: int = 900, dark: bool = False,
        scripts: bool = True, quiet: bool = True, **more: Any,
    ) -> Page:  # fmt: skip
        context = chromium.new_context(
            base_url=site.address, viewport={"width": width, "height": height}, java_script_enabled=scripts,
            color_scheme="dark" if dark else "light", storage_state=site.signed_in(role), **more,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        if quiet:
            watched.append(Watched(page))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    told = [fault for one in watched for fault in one.faults]
    assert told == []


def _ledger(folder: Path) -> Path:
    return folder / ".upcross" / "ledger.sqlite3"


def _copy(source: Path, target: Path) -> None:
    """One ledger over another, as a whole, also while a server reads it."""
    with contextlib.closing(sqlite3.connect(source)) as kept, contextlib.closing(sqlite3.connect(target)) as written:
        kept.backup(written)


class _served:
    """A server process of a project, until the block ends; it can be killed and begun again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Site:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = (self.folder / "serve.log").open("w")
        self.begin()
        return Site(f"http://127.0.0.1:{self.port}", self.folder, self.kill, self.begin)

    def begin(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "upcross.cli.app", "serve", "-C", str(self.folder), "--port", str(self.port)],
            stdout=self.log, stderr=subprocess.STDOUT, env=environment(),
        )  # fmt: skip
        until = time.monotonic() + 180  # a machine that is busy starts it slowly
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in/", timeout=2).read()
                break
            except OSError:
                ended = self.process.poll() is not None or time.monotonic() > until
                assert not ended, (self.folder / "serve.log").read_text()
                time.sleep(0.1)

    def kill(self) -> None:
        """End it as a power cut does, with all that it started: nobody is asked to finish anything."""
        ends = [self.process.pid]
        for process in ends:
            ends += [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
        for process in ends:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(20)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


def environment() -> dict[str, str]:
    return {**os.environ, "UPCROSS_TODAY": TODAY, "PYTHONPATH": os.pathsep.join(sys.path)}
