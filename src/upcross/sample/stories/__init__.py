"""All stories of the sample company, in the order of their ids."""

from __future__ import annotations

from upcross.sample.stories import ahead, consumption, deeper, elsewhere, held, openings, restraint, unknown, wider
from upcross.sample.story import Story

_SUBJECTS = (deeper, wider, held, unknown, consumption, restraint, openings, ahead, elsewhere)

STORIES: tuple[Story, ...] = tuple(
    sorted((story for subject in _SUBJECTS for story in subject.STORIES), key=lambda story: story.id)
)
