"""The docs tell the truth: pages are current, nothing is missing from them, links lead somewhere, examples work."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from test_layers import LAYERS
from upcross import documents
from upcross.book.catalog import CatalogFile, Limit, Metric, Person, Plan, Product, Sku, parse_catalog
from upcross.book.mapping import ColumnMapping, CoverageMapping, SourceMapping, parse_tables
from upcross.contract import TABLES
from upcross.errors import CODES, Report
from upcross.plays.attestation import Attestation, read_attestations
from upcross.plays.gate import GateText
from upcross.plays.library import load_library
from upcross.plays.play import PlayText
from upcross.plays.rule import RULES
from upcross.project import ProjectFile, Routing
from upcross.signals.registry import _Header, _SignalHeader, shipped
from upcross.signals.scorecard import parse_scorecard

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import generate  # noqa: E402
import sessions  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "DECISIONS.md", *sorted(DOCS.rglob("*.md"))]
TOLD = "\n".join(page.read_text("utf-8") for page in PAGES)
SESSIONS = [page for page in sessions.PAGES if sessions.has_sessions(page.read_text("utf-8"))]


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


def read(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def missing(names: object, text: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text]  # type: ignore[attr-defined]


def section(page: str, title: str) -> str:
    """A page's text from one heading to the next of its level."""
    level = title.split(" ")[0]
    _, _, rest = read(page).partition(f"\n{title}\n")
    assert rest, f"{page} has no heading {title}"
    return re.split(rf"^{level} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def block(text: str, kind: str = "yaml", number: int = 0) -> str:
    """The nth block of code of a kind in a text."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[number]


# -- current


@pytest.mark.parametrize(("page", "text"), generate.reference_pages().items(), ids=lambda v: getattr(v, "name", ""))
def test_the_reference_is_what_the_code_says(page: Path, text: str) -> None:
    assert page.exists() and page.read_text("utf-8") == text, "run: make docs"


@pytest.mark.parametrize("page", SESSIONS, ids=shown)
def test_a_session_prints_what_the_page_shows(page: Path) -> None:
    text = page.read_text("utf-8")
    assert sessions.render(text) == text, "run: make docs"


def test_a_session_that_does_not_print_what_is_chosen_fails() -> None:
    page = "<!-- session: empty -->\n<!-- run: no such line +1 -->\n```console\n$ upcross tables seats\n```\n"
    with pytest.raises(sessions.PageError, match="no such line"):
        sessions.render(page)


# -- complete


def test_every_command_is_documented() -> None:
    words = [words for words, _ in generate._commands("upcross", generate.app)]
    assert len(words) >= 11
    assert [w for w in words if f"\n## {w}\n" not in read("reference/commands.md")] == []


def test_every_signal_table_and_column_is_documented() -> None:
    assert missing(shipped(), read("reference/signals.md")) == []
    tables = read("reference/tables.md")
    for name, table in TABLES.items():
        assert f"\n### {name}\n" in tables
        told = tables.split(f"\n### {name}\n")[1].split("\n### ")[0]
        assert missing(table.names, told) == []


def test_every_play_gate_rule_and_code_is_documented() -> None:
    library = load_library(shipped(), None)
    assert [p for p in library.plays if f"\n## {p}\n" not in read("reference/plays.md")] == []
    assert [g for g in library.gates if f"\n## {g}\n" not in read("reference/gates.md")] == []
    assert [r for r in RULES if f"\n## {r}\n" not in read("reference/lint.md")] == []
    assert missing(CODES, read("reference/codes.md")) == []


def test_every_field_of_a_play_is_documented() -> None:
    assert missing(PlayText.model_fields, section("writing-a-play.md", "## Every field of a play")) == []


@pytest.mark.parametrize(
    ("title", "models"),
    [
        ("## `upcross.yaml`", (ProjectFile, Routing, SourceMapping, ColumnMapping, CoverageMapping)),
        ("## `catalog.yaml`", (CatalogFile, Product, Plan, Limit, Metric, Sku, Person)),
        ("## `attestations.yaml`", (Attestation,)),
        ("## `gates.yaml`", (GateText,)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_setting_of_a_project_is_documented(title: str, models: tuple[type[documents.BaseModel], ...]) -> None:
    told = section("project-file.md", title)
    names = [f.alias or name for model in models for name, f in model.model_fields.items() if not f.exclude]
    assert [name for name in names if not re.search(rf"\b{name}\b", told)] == []


def test_every_field_of_a_signal_header_is_documented() -> None:
    told = section("writing-a-signal.md", "## The header")
    assert missing(_Header.model_fields, told) == []
    assert missing((f"signals.NAME.{name}" for name in _SignalHeader.model_fields), told) == []


def test_the_architecture_page_shows_the_layers_that_are_tested() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", section("architecture.md", "## Layers"), re.MULTILINE)
    assert {name: int(layer) for layer, names in rows for name in re.findall(r"`(\w+)`", names)} == LAYERS


# -- sound


def slug(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        headings = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE) if found.suffix == ".md" else []
        if not found.exists() or (anchor and anchor not in map(slug, headings)):
            broken.append(target)
    assert broken == []


def test_every_command_shown_exists() -> None:
    known = {words for words, _ in generate._commands("upcross", generate.app)}
    for line in re.findall(r"^\$ (upcross .+)$", TOLD, re.MULTILINE):
        for command in line.split(" && "):
            words = command.split("#")[0].split()
            assert " ".join(words[:2]) in known or " ".join(words[:3]) in known, line


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", TOLD, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    assert re.findall(r"(?:/work|/tmp|/home|/root)/\S*", TOLD) == []


# -- the examples of the project page, read by what reads a project


def parse(text: str, name: str) -> documents.Document:
    return documents.parse(text, name)


def test_the_catalogue_shown_can_be_read() -> None:
    report = Report()
    catalog = parse_catalog(parse(block(section("project-file.md", "## `catalog.yaml`")), "catalog.yaml"), report)
    assert str(report) == ""
    assert len(catalog.rows["pricing_plans"]) == 2 and len(catalog.rows["exchange_rates"]) == 3


def test_the_scorecard_shown_can_be_read() -> None:
    report = Report()
    document = parse(block(section("project-file.md", "## `scorecard.yaml`")), "scorecard.yaml")
    assert parse_scorecard(document, shipped(), report) is not None
    assert str(report) == ""


def test_the_gate_and_the_attestation_shown_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "gates.yaml").write_text(block(section("project-file.md", "## `gates.yaml`")), encoding="utf-8")
    library = load_library(shipped(), tmp_path, tests=False)
    assert "legal-hold" in library.gates and str(library.report) == ""
    file = tmp_path / "attestations.yaml"
    file.write_text(block(section("project-file.md", "## `attestations.yaml`")), encoding="utf-8")
    report = Report()
    assert len(read_attestations(file, library.gates, report, file.name)) == 1
    assert str(report) == ""


def test_the_coverage_shown_can_be_read(tmp_path: Path) -> None:
    report = Report()
    text = "tables:\n" + block(section("project-file.md", "### Coverage: zero or unknown"))
    assert len(parse_tables(parse(text, "upcross.yaml"), ("tables",), tmp_path, report)) == 2
    assert str(report) == ""
