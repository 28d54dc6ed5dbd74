"""What is published is read as it was written, and nothing is remembered of what is not there."""

from __future__ import annotations

from pathlib import Path

from upcross.publishing.publication import newest, write


def test_asking_for_what_is_not_published_leaves_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path, "one", [("account", "acme", {"name": "Acme"})])
    found = newest(tmp_path)
    assert found is not None
    assert found.kept("account", "acme") is found.kept("account", "acme") == {"name": "Acme"}
    assert [found.kept("account", f"made up {number}") for number in range(3)] == [None] * 3
    assert set(found._whole) == {("account", "acme")}
