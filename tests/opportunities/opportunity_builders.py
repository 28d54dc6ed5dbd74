"""Small ways to write candidates down in tests: money in whole euros, gates by name."""

from datetime import date

from hypothesis import strategies as st

from upcross.motions import Mechanism
from upcross.opportunities import (
    Candidate,
    Finding,
    HeldAsk,
    HoldReason,
    Identity,
    Memory,
    OpenAsk,
    People,
    Person,
    Potential,
    Reason,
    Settings,
    Stage,
    Truth,
    merge,
)

AS_OF = date(2026, 3, 31)
SETTINGS = Settings(fallback_queue="queue-revops", currency="EUR")


def euros(amount: int | None) -> Potential:
    return Potential() if amount is None else Potential(amount * 5_000, amount * 10_000, amount * 20_000)


def hold(gate: str, truth: Truth = Truth.FALSE, **more) -> HoldReason:
    return HoldReason(gate, truth, f"{gate} stands against it", title=f"No {gate}", **more)


def identity(
    account: str = "acme", mechanism: Mechanism = Mechanism.SEATS, product: str = "crm", unit: str = ""
) -> Identity:
    return Identity(account, unit, product, mechanism)


def finding(
    account: str = "acme",
    mechanism: Mechanism = Mechanism.SEATS,
    *,
    mrr: int | None = 100,
    held_by: tuple[str, ...] = (),
    play: str = "",
    product: str = "crm",
    **more,
) -> Finding:
    holds = tuple(hold(gate, cleared_by=("support",), look_again=7) for gate in held_by)
    play = play or f"{mechanism.value}-play"
    reason = Reason(play, play.title(), holds=holds, potential=euros(mrr), **more)
    return Finding(identity(account, mechanism, product), reason, account.title(), product.upper())


def candidate(*args, **more) -> Candidate:
    return merge([finding(*args, **more)])[0]


def team(**left_on: date) -> People:
    """Acme's team: Cleo the CSM, Ann the account manager, Eve the AE; Sam is the only one in support."""
    persons = {
        person_id: Person(person_id, name, role, left_on.get(person_id), product)
        for person_id, name, role, product in (
            ("cleo", "Cleo Marsh", "csm", ""),
            ("ann", "Ann Roth", "account_manager", ""),
            ("eve", "Eve Stone", "ae", ""),
            ("spec", "Pia Specht", "specialist", "analytics"),
            ("sam", "Sam Okoro", "support", ""),
            ("queue-revops", "RevOps queue", "queue", ""),
        )
    }
    return People({"acme": {"csm": "cleo", "account_manager": "ann", "ae": "eve"}}, persons)


GATES = ("escalation", "health", "dispute")
DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 30))
IDENTITIES = st.builds(
    identity,
    st.sampled_from(["acme", "beta", "coda"]),
    st.sampled_from(list(Mechanism)),
    st.sampled_from(["crm", "pay"]),
)


@st.composite
def findings(draw) -> list[Finding]:
    """Any few verdicts of two plays on few things, so that merging, alternatives and ties happen often."""
    keys = draw(st.lists(st.tuples(IDENTITIES, st.sampled_from(["play-a", "play-b"])), max_size=10, unique=True))
    return [
        finding(
            key.account_id,
            key.mechanism,
            product=key.product_id,
            play=play,
            mrr=draw(st.sampled_from([None, 0, 50, 100, 200])),
            held_by=tuple(draw(st.lists(st.sampled_from(GATES), max_size=3, unique=True))),
            respond_within=draw(st.sampled_from([None, 2, 5])),
            cooldown=draw(st.sampled_from([0, 90])),
            close=draw(st.sampled_from([(), ("csm", "ae"), ("csm",)])),
        )
        for key, play in keys
    ]


@st.composite
def peoples(draw) -> People:
    """Any team: roles unfilled, people gone or going, ids that the team table lacks."""
    ids = ["p1", "p2", "p3", "p4", "nobody-knows"]
    persons = {
        p: Person(p, p.upper(), draw(st.sampled_from(["csm", "ae", "account_manager", "specialist", "support"])),
                  draw(st.none() | DAYS), draw(st.sampled_from(["crm", "pay", ""])))
        for p in draw(st.sets(st.sampled_from(ids[:4])))
    }  # fmt: skip
    roles = st.dictionaries(st.sampled_from(["csm", "account_manager", "ae", "specialist"]), st.sampled_from(ids))
    return People(draw(st.dictionaries(st.sampled_from(["acme", "beta", "coda"]), roles)), persons)


@st.composite
def memories(draw) -> Memory:
    """Any consistent memory: live asks stand in the episode after the last that ended."""
    keys = draw(st.lists(IDENTITIES, max_size=6, unique=True))
    ended = {key: draw(st.integers(1, 3)) for key in keys if draw(st.booleans())}
    empty = Memory(ended=ended)
    opened, held, cooldowns = {}, {}, {}
    for key in keys:
        match draw(st.sampled_from(["open", "held", "cooldown"])):
            case "open":
                opened[empty.current(key)] = OpenAsk(
                    draw(st.sampled_from(list(Stage))),
                    draw(st.sampled_from(["p1", "p2", "p3", "queue-revops", "gone", ""])),
                    date(2026, 2, 1),
                    draw(st.sampled_from(["", "csm", "ae", "queue"])),
                    cooldown=draw(st.sampled_from([0, 90])),
                )
            case "held":
                held[empty.current(key)] = HeldAsk(("escalation",), date(2026, 2, 1))
            case "cooldown":
                cooldowns[key] = draw(DAYS)
    return Memory(opened, held, cooldowns, ended)
