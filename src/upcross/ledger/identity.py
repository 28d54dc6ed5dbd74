"""Which row of the ledger an ask is: its key is made of what it is about, so that no ask has two."""

from __future__ import annotations

import json
import uuid

from upcross.ledger.models import Opportunity
from upcross.motions import Mechanism
from upcross.opportunities import Identity

_SPACE = uuid.UUID("5c1d6a52-9a35-5d0e-8f7e-3f0c7a9d1b44")


def key_of(identity: Identity) -> uuid.UUID:
    """The key of the row of an identity: equal identities, equal keys, on every machine."""
    told = [identity.account_id, identity.business_unit, identity.product_id,
            identity.mechanism.value if identity.mechanism else "", identity.task, identity.episode]  # fmt: skip
    return uuid.uuid5(_SPACE, json.dumps(told, ensure_ascii=False))


def identity_of(row: Opportunity) -> Identity:
    """What a row is about."""
    mechanism = Mechanism(row.mechanism) if row.mechanism else None
    return Identity(row.account_id, row.business_unit, row.product_id, mechanism, row.episode, row.task)


def blank_row(identity: Identity) -> Opportunity:
    """A row of an identity before its first entry."""
    motion = identity.motion.value if identity.motion else ""
    mechanism = identity.mechanism.value if identity.mechanism else ""
    return Opportunity(
        id=key_of(identity), account_id=identity.account_id, business_unit=identity.business_unit,
        product_id=identity.product_id, mechanism=mechanism, motion=motion, task=identity.task,
        episode=identity.episode, kind="ask" if mechanism else "adoption", version=0,
    )  # fmt: skip
