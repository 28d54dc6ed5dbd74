"""The worker as a process: it works, waits, takes over, stops cleanly, and says what it does in lines of JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from threading import Event

import pytest

from deliveries.receiver import Receiver
from deliveries.worked import apply, finding, hand_off, row
from upcross.kept_ledger import ledger_of
from upcross.ledger.models import Delivery, IdempotentRequest, Lease, Received
from upcross.project import open_project
from upcross.worker import run
from upcross.worker.__main__ import main
from upcross.worker.log import log
from upcross.worker.process import Work
from upcross.worker.schedule import UPCROSS, Every, Landing, Schedule
from worker.conftest import SECRET


@pytest.fixture
def project(tmp_path: Path, ledger, there: Receiver) -> Path:
    (tmp_path / "upcross.yaml").write_text(
        f"""name: Acme
reporting_currency: EUR
deliveries:
  destinations:
    - {{name: lake, kind: webhook, url: '{there.url()}', secret_env: HOOK, allow_hosts: [127.0.0.1]}}
"""
    )
    apply(finding("acme"))
    return tmp_path


class Worker:
    def __init__(self, project: Path, name: str) -> None:
        self.said = project / f"{name}.log"
        with self.said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "upcross.worker", "-C", str(project), "--lease-seconds", "1.5"],
                stdout=out, env={**os.environ, "HOOK": SECRET},
            )  # fmt: skip

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.said.read_text().split("\n")[:-1]]

    def waits_for(self, event: str) -> None:
        until(lambda: event in self.events())

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)


def test_the_second_takes_over_from_one_that_was_killed_and_stops_cleanly(project: Path, there: Receiver) -> None:
    first = Worker(project, "first")
    second = None
    try:
        first.waits_for("delivered")
        second = Worker(project, "second")
        second.waits_for("waiting for the lease")
        assert "lease taken" not in second.events()
        first.process.send_signal(signal.SIGKILL)
        second.waits_for("lease taken")
        hand_off()
        until(lambda: len(there.received) >= 3)
        assert {json.loads(got.body)["type"] for got in there.received} == {
            "opportunity.create", "opportunity.qualify", "opportunity.hand_off",
        }  # fmt: skip
        until(lambda: Delivery.objects.filter(state="delivered").count() == 3)
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(20) == 0
        assert second.events()[-1] == "worker stopped"
        assert Lease.objects.get().until <= datetime.now(UTC)  # the next one need not wait
    finally:
        first.end()
        if second:
            second.end()
    told = first.said.read_text() + second.said.read_text()
    assert SECRET not in told and "example.com" not in told


def test_a_project_with_faults_ends_the_worker_with_all_of_them(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "upcross.yaml").write_text(
        "name: A\nreporting_currency: EUR\ndeliveries: {destinations: [{kind: fax}]}\n"
    )
    monkeypatch.setattr(sys, "argv", ["worker", "-C", str(tmp_path)])
    assert main() == 1
    assert "there is no kind of destination 'fax'" in capsys.readouterr().err


def work(project: Path, now: datetime, guard: Callable[[], None] = lambda: None) -> Work:
    return Work(open_project(project), guard, Event(), lambda: now)


def test_overdue_goes_up_and_what_was_put_off_comes_back_on_the_companys_day(project: Path) -> None:
    hand_off()
    due = row().due_on
    work(project, datetime(due.year, due.month, due.day, 23, tzinfo=UTC)).run_clocks()
    assert row().escalated == 0
    work(project, datetime(due.year, due.month, due.day, 1, tzinfo=UTC) + timedelta(days=1)).run_clocks()
    assert row().escalated == 1


def test_a_press_in_slack_is_done_by_the_worker(project: Path) -> None:
    file = project / "upcross.yaml"
    slack = "    - {name: team, kind: slack, token_env: T, signing_secret_env: S, people: {ann: U1}}\n"
    file.write_text(file.read_text() + slack)
    hand_off()
    press = {"user": "U1", "action": "accept", "value": f"{row().id} {row().version}", "channel": "D1", "thread": ""}
    Received.objects.create(source="slack", message_id="1", at=datetime.now(UTC), body=press)
    work(project, datetime.now(UTC))._presses()()
    assert (row().stage, row().owner) == ("accepted", "ann")
    assert Delivery.objects.get().body["data"]["text"] == "Accepted by Ann Roth: Acme: CRM"


def test_a_changed_project_file_is_read_and_one_with_faults_is_told(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    file = project / "upcross.yaml"
    stop, now = Event(), datetime.now(UTC)
    thread = threading.Thread(
        target=run, args=(ledger_of(open_project(project)), project, stop), kwargs={"clock": lambda: now}
    )
    thread.start()
    said: list[str] = []

    def tells(event: str) -> bool:
        said.append(capsys.readouterr().out)
        return f'"event": "{event}"' in "".join(said)

    try:
        until(lambda: tells("retry"))  # its secret is not set
        file.write_text(file.read_text().replace("kind: webhook", "kind: webhok"))
        until(lambda: tells("project file not taken"))
        letters = "{name: letters, kind: email, from: u@example.com, folder: letters, fallback: r@example.com}"
        file.write_text(f"name: Acme\nreporting_currency: EUR\ndeliveries:\n  destinations: [{letters}]\n")
        hand_off()
        until(lambda: Delivery.objects.filter(destination="letters", state="delivered").exists())
    finally:
        stop.set()
        thread.join()
    assert Delivery.objects.filter(destination="lake", state="dead").exists()  # it is no destination any more


def test_a_task_that_fails_is_told_and_keeps_no_other_from_its_turn(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    done: list[str] = []
    made = work(project, datetime(2026, 4, 1, tzinfo=UTC))
    made._tasks = {"bad": lambda: 1 / 0, "good": lambda: done.append("done")}  # type: ignore[dict-item, return-value, assignment]
    made.once()
    made.once()
    assert done == ["done", "done"] and not made.lost.is_set()
    assert json.loads(capsys.readouterr().out.splitlines()[0])["why"] == "ZeroDivisionError: division by zero"


def test_what_was_taken_from_outside_is_forgotten_after_a_week(project: Path) -> None:
    now = datetime(2026, 4, 10, tzinfo=UTC)
    for days in (6, 8):
        Received.objects.create(source="crm", message_id=str(days), at=now - timedelta(days=days))
    Received.objects.create(source="slack", message_id="pressed", at=now - timedelta(days=8), body={"user": "U1"})
    for hours in (23, 25):
        given = {"asked": "", "status": 200, "body": "{}", "at": now - timedelta(hours=hours)}
        IdempotentRequest.objects.create(actor="token:1", key=str(hours), **given)
    work(project, now).forget()
    assert set(Received.objects.values_list("message_id", flat=True)) == {"6", "pressed"}  # what is not done yet stays
    assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["23"]


def test_one_line_an_event_without_secrets_or_addresses(capsys: pytest.CaptureFixture) -> None:
    log(
        "failed",
        why='for ana@example.com\r\n{"event":"forged"}',
        url="postgresql://u:pw@db/x",
        token="xoxb-1-2 whsec_abc=",
        count=3,
    )
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["why"] == 'for [e-mail] {"event":"forged"}'
    assert (told["url"], told["token"], told["count"]) == ("postgresql://[secret]@db/x", "[secret] [secret]", 3)


class Ran(list):
    """Log of a schedule."""

    why = ""

    def __call__(self, event: str, **facts: object) -> None:
        self.why = str(facts.get("why", ""))
        self.append((event, facts.get("command", "")))


def schedule(folder: Path, *times: str, ends: int = 0, **more) -> tuple[Schedule, Ran]:
    told = Ran()
    program = (sys.executable, "-S", "-c", f"import sys; print('no book', file=sys.stderr); sys.exit({ends})")
    given = {"program": program, "commands": (("load",), ("apply",)), **more}
    return Schedule([clock_time.fromisoformat(t) for t in times], UTC, folder, told, **given), told


def runs(made: Schedule, told: Ran, now: datetime, events: int) -> list[str]:
    until(lambda: made.tick(now) or len(told) >= events)
    return [event for event, _ in told]


def test_a_time_of_the_day_that_has_come_is_run_once_and_caught_up(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, "05:30", "17:00")
    made.tick(datetime(2026, 4, 1, 5, 29, tzinfo=UTC))
    assert told == []
    now = datetime(2026, 4, 1, 6, 10, tzinfo=UTC)  # the worker was down at half past five
    assert runs(made, told, now, 4) == ["scheduled run begins", "scheduled run done"] * 2
    assert [command for _, command in told if command] == ["load", "apply"]
    made.tick(now + timedelta(hours=5))
    assert len(told) == 4
    assert len(runs(made, told, datetime(2026, 4, 1, 17, 0, tzinfo=UTC), 8)) == 8


def test_what_was_applied_since_is_not_applied_again(tmp_path: Path) -> None:
    made, _ = schedule(tmp_path, "05:30", last_applied_at=lambda: datetime(2026, 4, 1, 5, 45, tzinfo=UTC))
    assert made.due(datetime(2026, 4, 1, 6, tzinfo=UTC)) is None
    assert made.due(datetime(2026, 4, 2, 6, tzinfo=UTC)) == datetime(2026, 4, 2, 5, 30, tzinfo=UTC)


def test_a_run_that_fails_goes_no_further_is_told_and_tried_again_after_an_hour(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, "05:30", ends=3)
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    assert runs(made, told, now, 2) == ["scheduled run begins", "scheduled run failed"]
    made.tick(now + timedelta(minutes=59))
    assert len(told) == 2
    assert len(runs(made, told, now + timedelta(minutes=61), 4)) == 4


def test_a_load_that_found_faults_in_rows_is_applied_all_the_same(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, "05:30", ends=1)
    assert runs(made, told, datetime(2026, 4, 1, 6, tzinfo=UTC), 4)[:3] == [
        "scheduled run begins", "scheduled run done", "scheduled run begins",
    ]  # fmt: skip


def test_what_lands_is_run_once_it_is_quiet_and_again_when_more_lands(tmp_path: Path) -> None:
    looks = ["as it was"]
    landing = Landing(timedelta(minutes=5), lambda: looks[-1])
    made, told = schedule(tmp_path, landed=landing)
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    made.tick(now)
    made.tick(now + timedelta(seconds=9))
    assert told == []  # whatever is there at the start has to be quiet for ten seconds too
    now += timedelta(seconds=10)
    assert len(runs(made, told, now, 4)) == 4
    looks.append("half a file")
    now += timedelta(minutes=5)
    made.tick(now)
    looks.append("the whole file")
    made.tick(now + timedelta(seconds=10))
    assert len(told) == 4
    assert len(runs(made, told, now + timedelta(seconds=20), 8)) == 8
    made.tick(now + timedelta(hours=5))
    made.tick(now + timedelta(hours=10))
    assert len(told) == 8


def test_tables_that_stay_in_an_engine_are_read_again_each_time(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, landed=Every(timedelta(minutes=5)))
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    assert len(runs(made, told, now, 4)) == 4
    made.tick(now + timedelta(minutes=4))
    assert len(told) == 4
    assert len(runs(made, told, now + timedelta(minutes=5), 8)) == 8


def test_what_landed_and_could_not_be_loaded_is_tried_again(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, ends=3, landed=Landing(timedelta(seconds=1), lambda: "something"))
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    made.tick(now)
    now += timedelta(seconds=1)
    assert runs(made, told, now, 2) == ["scheduled run begins", "scheduled run failed"]
    made.tick(now + timedelta(minutes=59))
    assert len(told) == 2
    assert len(runs(made, told, now + timedelta(minutes=61), 4)) == 4


def test_the_scheduled_command_is_the_one_of_this_installation(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, "05:30", program=UPCROSS, commands=(("load",),))
    runs(made, told, datetime(2026, 4, 1, 6, tzinfo=UTC), 2)
    assert "there is no project here" in told.why


def test_stopping_ends_what_is_running(tmp_path: Path) -> None:
    made, told = schedule(tmp_path, "05:30", program=(sys.executable, "-S", "-c", "import time; time.sleep(60)"))
    made.tick(datetime(2026, 4, 1, 6, tzinfo=UTC))
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < 5 and len(told) == 1
