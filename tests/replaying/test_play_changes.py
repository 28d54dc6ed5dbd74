"""A threshold changed: what is foreseen is what the next run does, and the overlay and its entry are written both or
neither."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test import override_settings

from upcross.applied import apply
from upcross.errors import ProjectError
from upcross.ledger.actor import Actor
from upcross.ledger.identity import key_of
from upcross.ledger.models import Entry, EntryText, Opportunity
from upcross.ledger.refusals import ConflictError, RefusedError
from upcross.ledger.verifying import verify
from upcross.play_changes import KIND, OVERLAY, foresee, overlay_text, publish_change
from upcross.project import Project, open_project
from upcross.replaying.difference import Moved
from upcross.replaying.kept import FOLDER
from web.browser import Browser, member

RITA = Actor("user:rita", "", "revops", oversees_all=True)


@pytest.fixture(scope="module")
def applied(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("applied") / "sample"
    shutil.copytree(sample_project, folder)
    apply(open_project(folder))
    connection.close()
    return folder


@pytest.fixture
def project(applied: Path, tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "sample"
    shutil.copytree(applied, folder)
    yield open_project(folder)
    connection.close()


def _stages() -> dict[str, str]:
    return {str(key): stage for key, stage in Opportunity.objects.values_list("id", "stage")}


@pytest.mark.parametrize(
    ("play", "values", "kinds"),
    [("limit-hits", {"hits": "2"}, {Moved.ADDED}), ("seat-expansion", {"fire_at": "97%", "clear_at": "97%"}, {Moved.DROPPED}),
     ("stated-need", {"needs_heard": "2"}, set())],  # what is open stays open, as long as the need was stated
)  # fmt: skip
def test_what_is_foreseen_is_what_the_next_run_does_to_the_ask(
    project: Project, play: str, values: dict[str, str], kinds: set[Moved]
) -> None:
    found = foresee(project, play, values)
    assert {move.kind for move in found.difference.moves} == kinds
    before = _stages()
    publish_change(project, found, "the quarter's numbers", RITA)
    apply(open_project(project.folder))
    after = _stages()
    moved = {key: (before.get(key), stage) for key, stage in after.items() if before.get(key) != stage}
    foreseen = {str(key_of(move.identity)): move.kind for move in found.difference.moves}
    assert moved.keys() == foreseen.keys()
    for key, kind in foreseen.items():
        was, now = moved[key]
        assert (was in (None, "expired", "held"), now) == {
            Moved.ADDED: (True, "surfaced"), Moved.RELEASED: (True, "surfaced"),
            Moved.HELD: (was != "surfaced", "held"), Moved.DROPPED: (was == "held", "expired"),
        }[kind]  # fmt: skip


def test_the_record_says_who_changed_what_and_why_and_what_was_there_before(project: Project) -> None:
    (project.folder / "plays").mkdir(exist_ok=True)
    (project.folder / OVERLAY).write_text("# ours\nplays:\n  tier-upgrade: {params: {fire_at: 92%}} # spring\n")
    change = foresee(project, "seat-expansion", {"fire_at": "85%", "clear_at": "85%"})
    entry = publish_change(project, change, "  Too few asks.  ", RITA)
    assert overlay_text(project).startswith("# ours\nplays:\n  tier-upgrade: {params: {fire_at: 92%}} # spring\n")
    assert change.values.keys() == {"fire_at"}  # the other one is what it was
    told = Entry.objects.get(seq=entry.seq)
    assert (told.by, told.kind, told.subject_id) == ("user:rita", KIND, "seat-expansion")
    assert '"set":{"fire_at":"85%"}' in told.facts and '"was":{"fire_at":"90%"}' in told.facts
    assert EntryText.objects.get(entry=told, name="why").text == "Too few asks."
    assert verify().fault is None
    now = open_project(project.folder)
    assert str(now.library(now.registry(now.store.manifest())).plays["seat-expansion"].params["fire_at"]) == "85%"
    back = foresee(now, "seat-expansion", {"fire_at": "90%"})
    assert back.play.version == change.was.version  # the same values are the same version
    assert back.play.overlaid == ()


def test_who_looked_at_another_file_writes_nothing_and_learns_who_changed_it(project: Project) -> None:
    mine = foresee(project, "seat-expansion", {"fire_at": "85%"})
    theirs = foresee(project, "tier-upgrade", {"fire_at": "95%"})
    publish_change(project, theirs, "fewer, better", RITA)
    stands = overlay_text(project)
    with pytest.raises(ConflictError, match="user:rita changed tier-upgrade"):
        publish_change(project, mine, "more", RITA)
    assert overlay_text(project) == stands


def test_where_the_entry_cannot_be_written_the_file_is_as_it_was(project: Project) -> None:
    change = foresee(project, "seat-expansion", {"fire_at": "85%"})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER full BEFORE INSERT ON ledger_entry BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with suppress(DatabaseError):
        publish_change(project, change, "more", RITA)
    assert not (project.folder / OVERLAY).exists()
    assert not Entry.objects.filter(kind=KIND).exists()


def test_a_file_with_lines_that_end_as_on_windows_behind_a_link_keeps_both(project: Project, tmp_path: Path) -> None:
    shared = tmp_path / "shared" / "overlay.yaml"
    shared.parent.mkdir()
    shared.write_bytes(b"# ours\r\nplays:\r\n  tier-upgrade: {params: {fire_at: 92%}}\r\n")
    (project.folder / "plays").mkdir(exist_ok=True)
    (project.folder / OVERLAY).symlink_to(shared)
    publish_change(project, foresee(project, "seat-expansion", {"fire_at": "85%"}), "more", RITA)
    assert (project.folder / OVERLAY).is_symlink()
    assert shared.read_bytes().startswith(b"# ours\r\nplays:\r\n  tier-upgrade: {params: {fire_at: 92%}}\r\n")
    assert shared.read_bytes().count(b"\n") == shared.read_bytes().count(b"\r\n") > 3
    assert b"fire_at: 85%\r\n" in shared.read_bytes()


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_beside_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("disk full")

    change = foresee(project, "seat-expansion", {"fire_at": "85%"})
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        publish_change(project, change, "more", RITA)
    assert list((project.folder / "plays").iterdir()) == []
    assert not Entry.objects.filter(kind=KIND).exists()


def test_who_sees_some_accounts_is_told_no_count_of_the_whole_base_on_the_page_of_a_play(project: Project) -> None:
    publish_change(project, foresee(project, "seat-expansion", {"fire_at": "85%"}), "more", RITA)
    kept = project.folder / ".upcross" / FOLDER
    kept.mkdir(exist_ok=True)
    (kept / "seat-expansion.json").write_text(json.dumps(REPLAYED))
    with override_settings(UPCROSS_PROJECT=str(project.folder)):
        told = {}
        for role in ("csm", "revops"):
            browser = Browser()
            browser.sign_in(member(role, person_id="nobody" if role == "csm" else ""))
            told[role] = browser.get("/plays/seat-expansion/?format=json").json()
            page = browser.get("/plays/seat-expansion/").content.decode()
            assert ("counted over every account" in page) is (role == "csm")
            assert ("417 new" in page) is (role == "revops")
    assert told["revops"]["replay"]["figures"]["alerts"]["new"] == 417
    assert told["revops"]["versions"][0]["foreseen"] is not None
    assert told["csm"]["replay"]["figures"] is None and told["csm"]["replay"]["hidden"]
    assert [one["foreseen"] for one in told["csm"]["versions"]] == [None, None]


REPLAYED = {
    "from": "2025-01-31", "to": "2025-12-31", "window_days": 180, "version": "old",
    "alerts_that_led": {"value": None, "low": None, "high": None, "hits": 3, "of": 417},
    "expansions_flagged": {"hits": 3, "of": 9}, "lead_days": {"value": None, "low": None, "high": None, "at_least": False},
    "alerts": {"new": 417, "backlog": 0}, "against_chance_told": "too few",
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "told"),
    [({"fire_at": "nine"}, "fire_at: 'nine' is a word, and 90% is a percentage"), ({"fier_at": "80%"}, "did you mean 'fire_at'"),
     ({"fire_at": "90%"}, "nothing would change"), ({"few_seats": "5%"}, "few_seats: '5%' is a percentage")],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_with_what_was_expected(
    project: Project, values: dict[str, str], told: str
) -> None:
    with pytest.raises(RefusedError, match=told.replace("(", r"\(")):
        foresee(project, "seat-expansion", values)


def test_values_that_contradict_each_other_are_refused_by_the_same_rules_as_a_file(project: Project) -> None:
    with pytest.raises(ProjectError, match="clear at once"):
        foresee(project, "seat-expansion", {"fire_at": "80%"})


def test_a_change_needs_a_reason(project: Project) -> None:
    with pytest.raises(RefusedError, match="say why"):
        publish_change(project, foresee(project, "seat-expansion", {"fire_at": "85%"}), " ", RITA)
    assert not (project.folder / OVERLAY).exists()
