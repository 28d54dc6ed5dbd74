"""How gates stand on rows where no play fired: a play that asks for nothing, bound by every gate of its motion."""

from __future__ import annotations

from upcross.errors import Place, Report
from upcross.motions import Mechanism, Motion
from upcross.plays.comparison import ResolvedComparison
from upcross.plays.condition import Op
from upcross.plays.gate import bind
from upcross.plays.library import Library
from upcross.plays.play import Owner, Play, Status, Touch
from upcross.signals.model import Scope, Unit

_PLACE = Place("probe")


def probe(library: Library, motion: Motion, scope: Scope, without: tuple[str, ...] = ()) -> Play:
    """The play of a motion on a scope's rows: true for every customer, held where a gate of the motion holds.

    Gates that compare what the scope's rows do not have are left out, and so are those named in ``without``.
    """
    bound = []
    for gate in library.gates.values():
        if motion in gate.holds and gate.id not in without:
            found = bind(gate, library.signals, scope, Report())
            if found is not None:
                bound.append(found)
    customer = ResolvedComparison("is_customer", Unit.FLAG, Op.EQUAL, True, "is_customer = true")
    mechanisms = tuple(m for m in Mechanism if m.motion is motion)
    if scope is not Scope.WHITE_SPACE:
        mechanisms = mechanisms[:1]  # several would be told apart by how the product is sold, which is no matter here
    name = f"probe-{motion.value.replace('_', '-')}"
    return Play.model_construct(
        id=name, title=name, scope=scope, status=Status.STABLE, summary=name, touch=Touch.AE_DEAL,
        mechanism=mechanisms, when=customer, keep_open_while=None,
        owner=Owner(surface=("csm",), close=("ae",)), respond_within=0, cooldown=0, next_step=name, guide=(name,),
        bound=tuple(bound), file="probe", places={"mechanism": _PLACE},
    )  # fmt: skip
