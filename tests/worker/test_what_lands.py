"""From a file that lands to what its owner is told: the worker looks, loads, judges, writes, and delivers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from deliveries.receiver import Receiver
from upcross.sample import write_sample
from worker.conftest import SECRET

STORY = "Weberknecht Logistik"


@pytest.fixture
def folder(tmp_path: Path, there: Receiver) -> Path:
    """The stories without the seats of one of them; who is told is a webhook."""
    folder = tmp_path / "project"
    write_sample(folder, stories_only=True)
    file = folder / "upcross.yaml"
    settings = yaml.safe_load(file.read_text())
    lake = {"name": "lake", "kind": "webhook", "url": there.url(), "secret_env": "HOOK", "allow_hosts": ["127.0.0.1"]}
    more = {"serve": {"watch": "1s"}, "deliveries": {"destinations": [lake]}}
    file.write_text(yaml.safe_dump(settings | more, allow_unicode=True))
    return folder


def asked(there: Receiver, account: str) -> list[str]:
    """What was delivered of one account."""
    told = [json.loads(got.body) for got in list(there.received)]
    return [one["type"] for one in told if f'"{account}"' in json.dumps(one)]


@pytest.mark.skipif(not os.environ.get("UPCROSS_SOAK"), reason="a minute of loading and judging: in `make soak`")
def test_a_threshold_that_a_landed_file_crosses_reaches_its_owner(folder: Path, there: Receiver) -> None:
    seats, accounts = folder / "seats.csv", (folder / "accounts.csv").read_text().splitlines()
    account = next(line.split(",")[0] for line in accounts if STORY in line)
    whole = seats.read_text()
    seats.write_text("".join(line for line in whole.splitlines(True) if not line.startswith(f"{account},")))
    said = folder.parent / "said.log"
    with said.open("w") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "upcross.worker", "-C", str(folder)], stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "UPCROSS_TODAY": "2026-09-30", "HOOK": SECRET},
        )  # fmt: skip

    def until(true: Callable[[], object], seconds: float = 200) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert worker.poll() is None and time.monotonic() < end, said.read_text()[-4000:]
            time.sleep(0.2)

    try:
        until(lambda: said.read_text().count("scheduled run done") == 2)  # load, apply
        until(lambda: there.received)
        assert asked(there, account) == []
        seats.write_text(whole)
        until(lambda: asked(there, account))
        assert asked(there, account)[0] == "opportunity.create"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
