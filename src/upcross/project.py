"""A project: one folder that says where the data is, what it means, and how the company wants to ask.

upcross.yaml        name, reporting currency, tables, routing, how much is asked at once
catalog.yaml        what we sell, where no table says it
attestations.yaml   whose word stands in for missing data, and until when
exemptions.yaml     which business units stand apart from which gates about their whole account
plays/, gates.yaml, scorecard.yaml, signals/    the company's own, beside what is shipped
.upcross/           the stored book and the kept runs
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from upcross import documents
from upcross.book.catalog import Catalog, parse_catalog
from upcross.book.mapping import TableMapping, parse_tables, resolve_folder
from upcross.book.mapping_overlay import lay_over, read_overlay
from upcross.book.snapshot import Snapshot
from upcross.book.spans import read_spans
from upcross.book.store import Manifest, Store
from upcross.book.typed import NOTHING, Typed
from upcross.deliveries.settings import NOWHERE, Deliveries, read_deliveries
from upcross.documents import Document
from upcross.engine.connections import Address, open_connection, read_address
from upcross.engine.resources import Resources, ResourcesText
from upcross.errors import Issue, Place, ProjectError, Report, Severity, UsageError, issue_code, suggest
from upcross.money import quantise
from upcross.motions import Mechanism
from upcross.opportunities import Limits, Outcome, OutcomeReason, Pool, Settings
from upcross.opportunities.outcomes import SHIPPED, with_cooldowns
from upcross.plays.attestation import Attestation, read_attestations
from upcross.plays.exemption import Exemption, read_exemptions
from upcross.plays.library import Library, load_library
from upcross.runs import Evaluation
from upcross.serving import Serving, SignIn
from upcross.signals.frame import Frame
from upcross.signals.registry import Registry, build, project_files, shipped_models
from upcross.signals.scorecard import Scorecard, health_model, parse_scorecard

NO_PROJECT = issue_code("no-project", Severity.ERROR, "The folder holds no upcross.yaml.")
POOL_MEMBER_UNKNOWN = issue_code(
    "pool-member-unknown", Severity.ERROR, "A pool of the routing names a person whom the team table lacks."
)
NO_DAY = issue_code("no-day", Severity.ERROR, "No day was given and the book has no table with days.")

FILE = "upcross.yaml"


def _amount(value: object) -> object:
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("must be an amount of money, such as 100") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be an amount of money, such as 100")
    return amount


def _share(value: object) -> object:
    text = str(value).strip()
    try:
        share = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        raise ValueError("must be a share, such as 20%") from None
    if not share.is_finite() or not 0 <= share <= 1:
        raise ValueError("must be a share from 0% to 100%, such as 20%")
    return share


def _half(value: Decimal) -> Decimal:
    if value > Decimal("0.5"):
        raise ValueError("must be at most 50%: there are two motions to keep room for")
    return value


def _days(value: object) -> object:
    text = str(value).strip().removesuffix("d")
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise ValueError("must be days, such as 90d")
    return int(text)


Share = Annotated[Decimal, BeforeValidator(_share)]
DayCount = Annotated[int, BeforeValidator(_days)]
"""Days, written as 90d or 90."""


def _reason(outcome: Outcome) -> AfterValidator:
    def among(name: str) -> str:
        if name not in SHIPPED[outcome]:
            raise PydanticCustomError("enum", "must be a reason", {"expected": tuple(SHIPPED[outcome])})
        return name

    return AfterValidator(among)


class Cooldowns(BaseModel):
    """For how many days the reason of an ending keeps us from asking again, where the company says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    lost: dict[Annotated[str, _reason(Outcome.LOST)], DayCount] = Field(default_factory=dict)
    dismissed: dict[Annotated[str, _reason(Outcome.DISMISSED)], DayCount] = Field(default_factory=dict)


class Holdout(BaseModel):
    """The share of accounts of which nothing is asked, to measure what asks bring; another salt draws others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    share: Share
    salt: str = ""


class Asks(BaseModel):
    """How much is asked at once; what is not given limits nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    per_owner_per_week: int | None = Field(default=None, ge=1)
    reserved_share: Annotated[Share, AfterValidator(_half)] = Decimal(0)
    per_account_30d: int | None = Field(default=None, ge=1)
    holdout: Holdout | None = None
    cooldowns: Cooldowns = Field(default_factory=Cooldowns)


class PoolText(BaseModel):
    """People who share accounts, by id, and the days within which they respond."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    members: Annotated[tuple[str, ...], Field(min_length=1)]
    respond_within: DayCount | None = None


class Routing(BaseModel):
    """Where asks go that nobody owns, who shares accounts, and who may close: the company's own rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    queue: str = Field(default="revops", min_length=1)
    csm_may_close: bool = False
    self_serve_below: Annotated[Decimal | None, BeforeValidator(_amount)] = None
    pools: dict[str, PoolText] = Field(default_factory=dict)
    """By the name that the book has in the place of a person."""


class LedgerSettings(BaseModel):
    """Where the ledger is kept: a file of the project, unless a PostgreSQL database is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    database: str | None = Field(default=None, pattern="^postgres(ql)?://")


def _word(value: str) -> str:
    if len(value.strip()) < 2:
        raise ValueError("must be a word or phrase of at least two letters")
    return value.strip()


DealWord = Annotated[str, AfterValidator(_word)]


class ProjectFile(BaseModel):
    """The project file as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    reporting_currency: str = Field(pattern="^[A-Z]{3}$")
    data: str = "."
    source: str | None = None
    """The engine in which the contract's tables lie, in place of files: postgresql://reader@host/db?schema=upcross."""
    rates_on: date | None = None
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)
    resources: ResourcesText = Field(default_factory=ResourcesText)
    tables: Any = None
    mapping_overlays: list[str] = Field(default_factory=list)
    """Files that change parts of ``tables``, later ones last; relative to the project."""
    control: str | None = None
    """Finance's totals by month, against which numbers are tied out; relative to the project."""
    routing: Routing = Field(default_factory=Routing)
    asks: Asks = Field(default_factory=Asks)
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    serve: Serving = Field(default_factory=Serving)
    sign_in: SignIn = Field(default_factory=SignIn)
    deal_words: dict[Mechanism, tuple[DealWord, ...]] = Field(default_factory=dict)
    """Words of deals' names that speak for a mechanism, beside the shipped English ones."""
    deliveries: Any = None
    """Where messages go; read by the deliveries' own reader."""


@dataclass(frozen=True, slots=True)
class Project:
    """An open project: its settings, and the way to everything else in its folder."""

    folder: Path
    document: Document
    settings: ProjectFile
    deliveries: Deliveries = NOWHERE

    @classmethod
    def bare(cls) -> Project:
        """A project without a folder of its own: what is shipped, and nothing else."""
        nowhere = Path("/nonexistent")
        return cls(nowhere, Document(FILE, {}, {}), ProjectFile(name="", reporting_currency="EUR"))

    @property
    def store(self) -> Store:
        """The stored book."""
        folder = self.folder / ".upcross" / "book"
        if self.settings.source is None:
            return Store(folder, resources=self.resources)
        return Store(folder, lambda: open_connection(self.engine), self.resources)

    @property
    def resources(self) -> Resources:
        """What computing over the book may take of the machine."""
        return self.settings.resources.resources(self.folder)

    @property
    def engine(self) -> Address:
        """Where the engine is in which the book lies; ``ProjectError`` where the project names none that can be."""
        return read_address(self.settings.source or "", self.document.place("source"))

    @property
    def runs(self) -> Path:
        """Where runs are kept."""
        return self.folder / ".upcross" / "runs"

    @property
    def routing(self) -> Settings:
        """How asks are routed, as the opportunities layer takes it."""
        below = self.settings.routing.self_serve_below
        return Settings(
            fallback_queue=self.settings.routing.queue,
            currency=self.settings.reporting_currency,
            csm_may_close=self.settings.routing.csm_may_close,
            self_serve_below=None if below is None else quantise(below),
            pools={n: Pool(p.members, p.respond_within) for n, p in self.settings.routing.pools.items()},
        )

    @property
    def outcomes(self) -> Mapping[Outcome, Mapping[str, OutcomeReason]]:
        """Why asks are lost, dismissed and returned, with the company's own cooldowns."""
        own = self.settings.asks.cooldowns
        return with_cooldowns({Outcome.LOST: own.lost, Outcome.DISMISSED: own.dismissed})

    def strangers(self, team: Set[str]) -> list[Issue]:
        """Errors for members of pools who are not in the team table; none where there is no such table."""
        return [
            POOL_MEMBER_UNKNOWN.at(
                self.document.place("routing", "pools", name, "members", index),
                f"pool '{name}': nobody in the team table is '{member}'",
                hint=suggest(member, team),
            )
            for name, pool in self.settings.routing.pools.items()
            for index, member in enumerate(pool.members)
            if team and member not in team
        ]

    @property
    def limits(self) -> Limits:
        """How much is asked at once, as the opportunities layer takes it."""
        asks = self.settings.asks
        share, salt = (asks.holdout.share, asks.holdout.salt) if asks.holdout else (Decimal(0), "")
        return Limits(asks.per_owner_per_week, asks.reserved_share, asks.per_account_30d, share, salt)

    def mappings(self, report: Report) -> list[TableMapping]:
        """How the company's files become contract tables, overlays laid over; faults go into the report."""
        folder = resolve_folder(self.settings.data, self.folder, self.document.place("data"), report)
        document = self.document
        for number, name in enumerate(self.settings.mapping_overlays):
            overlay = read_overlay(name, self.folder, self.document.place("mapping_overlays", number), report)
            if overlay is not None:
                document = lay_over(document, overlay, report)
        return parse_tables(document, ("tables",), folder or self.folder, report)

    def catalog(self, report: Report) -> Catalog:
        """The catalogue of ``catalog.yaml``; an empty one where there is no file."""
        path = self.folder / "catalog.yaml"
        document = documents.read(path, path.name) if path.exists() else Document("catalog.yaml", {}, {})
        return parse_catalog(document, report)

    def scorecard(self, registry: Registry, report: Report) -> Scorecard | None:
        """The project's scorecard, or the shipped one."""
        own = self.folder / "scorecard.yaml"
        if own.exists():
            return parse_scorecard(documents.read(own, own.name), registry.signals, report)
        source = files("upcross").joinpath("library/scorecard.yaml").read_text("utf-8")
        return parse_scorecard(documents.parse(source, "library/scorecard.yaml"), registry.signals, report)

    def registry(self, manifest: Manifest | None) -> Registry:
        """All signals: shipped, own, and health - given where ``health_scores`` is loaded, else by the scorecard."""
        report = Report()
        described = build(project_files(self.folder / "signals"), shipped_models())
        scorecard = self.scorecard(described, report)
        report.raise_errors(ProjectError)
        assert scorecard is not None
        scores = manifest.tables.get("health_scores") if manifest else None
        given = scores.max_lag_days if scores is not None and scores.rows else None
        health = health_model(scorecard, described.signals, given)
        return build((), (*described.models.values(), health))

    def library(self, registry: Registry, *, tests: bool = True) -> Library:
        """The plays and gates, shipped and own, with the overlay; a run needs no ``tests`` of theirs."""
        may_close = self.settings.routing.csm_may_close
        return load_library(registry.signals, self.folder, tests=tests, csm_may_close=may_close)

    def attestations(self, library: Library, report: Report) -> tuple[Attestation, ...]:
        """Whose word stands in for missing data."""
        return read_attestations(self.folder / "attestations.yaml", library.gates, report, "attestations.yaml")

    def exemptions(self, library: Library, report: Report) -> tuple[Exemption, ...]:
        """Which units stand apart from which gates about their whole account."""
        return read_exemptions(self.folder / "exemptions.yaml", library.gates, library.signals, report)

    def day(self, as_of: date | None, manifest: Manifest) -> date:
        """The as-of day: the one given, else the newest day that the book reports."""
        day = as_of or manifest.newest_day()
        if day is None:
            raise ProjectError(NO_DAY.at(None, "the book has no day of its own", hint="give one: --as-of 2026-06-30"))
        return day

    def evaluation(self, as_of: date | None = None, known_at: date | None = None, typed: Typed = NOTHING) -> Evaluation:
        """All that a run of a day is made from; ``ProjectError`` with every fault of signals, plays, attestations.

        ``typed`` is what people typed beside what is loaded: what was heard after the book's last day counts on it.
        """
        manifest = self.store.manifest()
        day = self.day(as_of, manifest)
        if known_at is not None and known_at < day:
            raise UsageError(f"known-at {known_at} lies before as-of {day}: nothing is known before it happens")
        known = read_spans(self.store, manifest).on(day, known_at or day)
        manifest = known.with_typed(typed.until(max(day, manifest.newest_day() or day)))
        registry = self.registry(manifest)
        library = self.library(registry, tests=False)
        report = Report(list(library.report))
        attestations = self.attestations(library, report)
        exemptions = self.exemptions(library, report)
        report.raise_errors(ProjectError)
        return Evaluation(Frame(registry, Snapshot(manifest, day, known_at or day)), library, attestations, exemptions)


def open_project(folder: str | Path = ".") -> Project:
    """The project in a folder; ``ProjectError`` where there is none or its file is wrong."""
    path = Path(folder)
    file = path / FILE
    if not file.exists():
        raise ProjectError(
            NO_PROJECT.at(Place(str(file)), "there is no project here",
                          hint="start one with `upcross init FOLDER`, or `upcross init FOLDER --sample` to look around")
        )  # fmt: skip
    document = documents.read(file, FILE)
    report = Report()
    settings = documents.validate(document, ProjectFile, report)
    deliveries = read_deliveries(document, report)
    report.raise_errors(ProjectError)
    assert settings is not None
    return Project(path, document, settings, deliveries)
