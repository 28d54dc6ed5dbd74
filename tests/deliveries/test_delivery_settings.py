"""``deliveries:`` of the project file: what it takes, and every fault at its place."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from upcross.deliveries.settings import Deliveries
from upcross.errors import ProjectError
from upcross.project import open_project

START = "name: Acme\nreporting_currency: EUR\n"


def read(folder: Path, text: str) -> Deliveries:
    (folder / "upcross.yaml").write_text(START + text)
    return open_project(folder).deliveries


def test_a_project_without_deliveries_sends_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "").destinations == ()


def test_all_kinds_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """deliveries:
  digest: {at: '07:30', timezone: Europe/Berlin, days: [mon, wed]}
  destinations:
    - {name: lake, kind: webhook, url: "https://hooks.example.com/x", secret_env: [NEW_SECRET, OLD_SECRET]}
    - {name: inside, kind: webhook, url: "http://crm.internal:8080/x", secret_env: S, allow_hosts: [crm.internal], topics: opportunity.win}
    - {name: team, kind: slack, token_env: SLACK_TOKEN, channel: "#expansion", direct: false, alerts: [hand_off, win]}
    - {name: mail, kind: email, from: upcross@example.com, host: smtp.example.com, user: upcross, password_env: SMTP_PASSWORD}
""",
    )
    assert (found.digest.at, str(found.digest.timezone), found.digest.days) == (
        time(7, 30),
        "Europe/Berlin",
        ("mon", "wed"),
    )
    lake, inside, team, mail = found.destinations
    assert lake.secret_env == ("NEW_SECRET", "OLD_SECRET") and lake.topics == ("opportunity.*",)
    assert inside.topics == ("opportunity.win",)
    assert team.alerts == ("hand_off", "win") and not team.direct
    assert mail.sender == "upcross@example.com" and mail.security == "starttls"


FAULTS = """deliveries:
  digest: {at: 8, timezone: Berlin}
  destinations:
    - {name: a, kind: webhok}
    - {name: b, kind: webhook, url: "http://10.0.0.1/x", secret_envs: S}
    - {name: b, kind: webhook, url: "https://hooks.example.com/x", secret_env: whsec_c2VjcmV0}
    - {name: c, kind: slack, token_env: T, direct: false, api: 'http://slack.internal/'}
    - {name: d, kind: email, from: nobody, user: u}
    - {name: c, kind: slack, token_env: T, alerts: [handoff]}
    - {name: e, kind: webhook, url: "http://hooks.example.com/x", secret_env: S}
    - {name: e, kind: memory}
    - 5
    - {name: f}
  inbound:
    - {name: crm, secret_env: S}
    - {name: crm, secret_env: S}
    - {name: erp, secret_env: whsec_c2VjcmV0, steps: [create]}
"""


def test_every_fault_is_told_at_once_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        read(tmp_path, FAULTS)
    told = str(caught.value)
    for said in (
        "upcross.yaml:4:16: deliveries.digest.at: must be a time of the day in quotes",
        "must be a time zone such as Europe/Berlin, not 'Berlin'",
        "upcross.yaml:6:23: there is no kind of destination 'webhok'", "did you mean 'webhook'?",
        "upcross.yaml:7:58: unknown field 'secret_envs'", "did you mean 'secret_env'?", "'deliveries.destinations.b.secret_env' is missing",
        "upcross.yaml:8", "is no name of an environment variable",
        "upcross.yaml:9:", "there is nowhere to write to", "the token would be sent in clear", "must be one e-mail address, not 'nobody'",
        "must be one of answer, create, open", "not 'handoff'", "did you mean 'hand_off'?",
        "upcross.yaml:12:37: http:// would send customers' names and money in clear", "two destinations are called 'e'",
        "a destination must be a mapping", "a destination has no kind", "inbound.erp.secret_env: is no name",
        "must be one of accept, return",
    ):  # fmt: skip
        assert said in told, (said, told)


def test_a_secret_written_where_its_name_belongs_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        read(tmp_path, FAULTS)
    assert "c2VjcmV0" not in str(caught.value)


def test_senders_have_names_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="two senders are called 'crm'"):
        read(tmp_path, "deliveries:\n  inbound:\n    - {name: crm, secret_env: S}\n    - {name: crm, secret_env: S}\n")
