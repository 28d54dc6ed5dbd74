"""What those are called who did something: the record names users and tokens by keys that say nothing to people."""

from __future__ import annotations

import re
from collections.abc import Iterable

from upcross.access.models import ServiceToken, User

_KEY = re.compile(r"user:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|token:[0-9a-f]{12}")


def names_of(who: Iterable[str]) -> dict[str, str]:
    """The names of those who are users or tokens, by how the record names them."""
    known = set(who)
    users = [one.removeprefix("user:") for one in known if one.startswith("user:") and _KEY.fullmatch(one)]
    tokens = [one.removeprefix("token:") for one in known if one.startswith("token:")]
    return {f"user:{user.pk}": user.name or user.email for user in User.objects.filter(pk__in=users)} | {
        f"token:{token.key}": token.name for token in ServiceToken.objects.filter(key__in=tokens)
    }


def named(sentence: str) -> str:
    """A sentence with names in the place of keys."""
    names = names_of(_KEY.findall(sentence))
    return _KEY.sub(lambda found: names.get(found.group(), found.group()), sentence)
