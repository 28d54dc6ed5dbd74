"""`upcross deliveries`: what was given up is seen with its reason, and sent again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deliveries.worked import apply, finding, memory, to
from upcross.cli.app import app
from upcross.deliveries.dispatch import Dispatcher
from upcross.deliveries.memory import MemoryClient
from upcross.deliveries.message import Rejected
from upcross.ledger.models import Delivery


@pytest.fixture
def project(tmp_path: Path, ledger) -> Path:
    (tmp_path / "upcross.yaml").write_text("name: Acme\nreporting_currency: EUR\n")
    apply(finding("acme"), finding("beta"))
    client = MemoryClient([Rejected("it refuses the message: 422", 422)])
    sending = Dispatcher(to(memory()), {"memory": client}, clock=lambda: datetime(2026, 4, 1, tzinfo=UTC))
    sending.tick()
    sending.wait()
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["deliveries", *arguments])
    return result.exit_code, result.output + str(result.exception or "")


def test_the_list_shows_first_what_needs_somebody_and_why(project: Path) -> None:
    code, text = run("list", "-C", str(project))
    assert code == 0
    assert text.index("Not delivered") < text.index("Delivered  1")
    assert "it refuses the message: 422" in text and "Acme" in text
    told = json.loads(run("list", "-C", str(project), "--state", "dead", "--format", "json")[1])
    assert told["counts"] == {"dead": 1, "pending": 0, "delivered": 1}
    assert [row["account"] for row in told["deliveries"]] == ["Acme"]


def test_what_was_given_up_is_sent_again_by_id_or_all_of_it(project: Path) -> None:
    dead = Delivery.objects.get(state="dead")
    assert "say which" in run("retry", "-C", str(project))[1]
    done = Delivery.objects.get(state="delivered")
    assert f"{done.pk}: not given up" in run("retry", str(dead.pk), str(done.pk), "-C", str(project))[1]
    assert Delivery.objects.get(pk=dead.pk).state == "dead"
    assert "1 delivery will be sent again" in run("retry", str(dead.pk), "-C", str(project))[1]
    assert Delivery.objects.get(pk=dead.pk).state == "pending"
    assert "0 deliveries" in run("retry", "--all", "-C", str(project))[1]


def test_a_destination_is_tried_before_anything_hangs_on_it(project: Path) -> None:
    (project / "upcross.yaml").write_text(
        """name: Acme
reporting_currency: EUR
deliveries:
  destinations:
    - {name: letters, kind: email, from: upcross@example.com, folder: letters}
"""
    )
    assert run("try", "letters", "-C", str(project), "--to", "cleo") == (0, "letters has it\n")
    [letter] = (project / "letters").iterdir()
    assert "A trial of this destination" in letter.read_text() and "To: cleo@example.com" in letter.read_text()
    code, text = run("try", "letters", "-C", str(project))
    assert code == 1 and "no fallback: is given" in " ".join(text.split())
    assert "did you mean 'letters'?" in run("try", "letter", "-C", str(project))[1]
