"""What is told to webhooks, Slack and e-mail: what is on its way, what arrived, and what was given up, with why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.api.paging import By, Paged, page
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import DeliveryShape, PageOf
from upcross.api.values import Id
from upcross.deliveries.dispatch import delivery_facts, send_again
from upcross.ledger.models import Delivery
from upcross.ledger.refusals import NotNowError

router = Router()


class DeliveriesAsked(Paged):
    """Which deliveries, and which page of them."""

    state: Annotated[
        Literal["pending", "delivered", "dead"] | None, Field(description="How they stand; `dead` was given up.")
    ] = None
    destination: Annotated[Id | None, Field(description="Where they go: the name in the project file.")] = None


@route(router, "GET", "/deliveries", needs=Capability.MANAGE_DELIVERIES, gives=PageOf[DeliveryShape],
       tags=["Deliveries"], summary="List deliveries")  # fmt: skip
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> Any:
    """What is told elsewhere, the newest first: where to, how often it was tried, and what went wrong last."""
    rows = _seen(viewer_of(request))
    equal = {"state": asked.state, "destination": asked.destination}
    rows = rows.filter(**{name: value for name, value in equal.items() if value is not None})
    return page(rows, (By("id", falling=True),), asked).to_dict(delivery_facts)


@route(router, "POST", "/deliveries/{id}/retry", needs=Capability.MANAGE_DELIVERIES, gives=DeliveryShape, key=True,
       tags=["Deliveries"], summary="Send again")  # fmt: skip
def retry_delivery(request: HttpRequest, id: str) -> Any:
    """Have the worker send again what was given up, for as long as if it were new. 409 where it was not given up."""
    row = scope.one(_seen(viewer_of(request)), "delivery", pk=id)
    if not send_again([row.pk], datetime.now(UTC)):
        raise NotNowError(f"it is {row.state}: only what was given up (dead) is sent again")
    row.refresh_from_db()
    return delivery_facts(row)


def _seen(viewer: Viewer) -> QuerySet[Delivery]:
    """All deliveries; for who does not see every account, those about what they see."""
    rows = Delivery.objects.all()
    return rows if viewer.sees_all else rows.filter(outbox_id__in=scope.entries(viewer).values("seq"))
