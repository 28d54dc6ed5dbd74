"""All stories of the sample company, in the order of their ids."""

from __future__ import annotations

from upcross.sample import deeper, held, unknown, wider
from upcross.sample.story import Story

STORIES: tuple[Story, ...] = tuple(
    sorted((*deeper.STORIES, *wider.STORIES, *held.STORIES, *unknown.STORIES), key=lambda story: story.id)
)
