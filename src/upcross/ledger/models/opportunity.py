"""One ask and how it stands: what the entries about it add up to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from upcross.motions import Mechanism, Motion


class Opportunity(models.Model):
    """One thing to ask of one account, in one episode: its stage, its one owner, its money, its evidence.

    The key is a hash of its identity, so that no two rows are about the same thing. Money is in ten-thousandths of the
    currency unit a month; null is unknown. ``version`` counts the entries about it. Adoption work sells nothing and has
    neither motion nor mechanism; everything else has both.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.TextField(db_index=True)
    business_unit = models.TextField(default="")
    product_id = models.TextField()
    mechanism = models.TextField(default="")
    motion = models.TextField(default="")
    task = models.TextField(default="")
    episode = models.IntegerField()
    kind = models.TextField()
    version = models.BigIntegerField()
    updated_at = models.DateTimeField(db_index=True)

    # How it stands: each set by entries, and equal to what they add up to (upcross.ledger.state).
    stage = models.TextField()
    owner = models.TextField(db_index=True)
    owner_role = models.TextField(default="")
    opened_for = models.TextField(default="")
    closer = models.TextField(default="", db_index=True)
    closer_role = models.TextField(default="")
    handed_to = models.TextField(default="", db_index=True)
    opened_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    escalated = models.IntegerField(default=0)
    snoozed_until = models.DateField(null=True)
    snoozed_while = models.TextField(default="")
    resume_stage = models.TextField(default="")
    cooldown = models.IntegerField(default=0)
    cooldown_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(default="")
    held_since = models.DateField(null=True)
    look_again_on = models.DateField(null=True)
    gates = models.JSONField(default=list)
    released_from = models.JSONField(default=list)
    arm = models.TextField(default="")
    origin = models.TextField(default="play")
    asked_anyway = models.BooleanField(default=False)
    override_gates = models.JSONField(default=list)
    override_until = models.DateField(null=True)
    override_by = models.TextField(default="")
    known = models.JSONField(default=dict)
    won_mrr = models.BigIntegerField(null=True)

    # What the last plan said of it.
    account_name = models.TextField(default="")
    product_name = models.TextField(default="")
    title = models.TextField(default="")
    plays = models.JSONField(default=list)
    currency = models.TextField(default="")
    potential_floor = models.BigIntegerField(null=True)
    potential_expected = models.BigIntegerField(null=True)
    potential_ceiling = models.BigIntegerField(null=True)
    with_renewal_on = models.DateField(null=True)
    alternative_of = models.TextField(default="")
    candidate = models.JSONField(null=True)

    class Meta:
        app_label = "ledger"
        db_table = "ledger_opportunity"
        indexes = (
            models.Index(fields=("owner", "stage"), name="asks_of_an_owner"),
            models.Index(fields=("stage", "motion"), name="asks_of_a_stage"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("account_id", "business_unit", "product_id", "mechanism", "task", "episode"),
                name="one_row_an_identity",
            ),
            models.CheckConstraint(condition=~Q(owner=""), name="somebody_owns_it"),
            models.CheckConstraint(
                condition=(
                    Q(kind="adoption", motion="", mechanism="")
                    | Q(motion=Motion.UPSELL, mechanism__in=[m.value for m in Mechanism if m.motion is Motion.UPSELL])
                    | Q(
                        motion=Motion.CROSS_SELL,
                        mechanism__in=[m.value for m in Mechanism if m.motion is Motion.CROSS_SELL],
                    )
                ),
                name="a_motion_and_its_mechanism",
            ),
        )
