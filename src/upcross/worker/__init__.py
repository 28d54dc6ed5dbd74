"""The worker: one process that takes out what is to be told, watches the clocks, and keeps the schedule.

``upcross.worker.run(place, folder, stop)`` works until it is told to stop; so does ``python -m upcross.worker``. There
may be several: one works, and the others wait for its end, however it comes.
"""

from upcross.worker.process import run

__all__ = ["run"]
