"""Processes that run schedules, one for each core."""

from __future__ import annotations

import gc
import multiprocessing
from multiprocessing.pool import Pool


def workers() -> Pool:
    """A process for each core, none of which shares anything with another."""
    return multiprocessing.get_context("spawn").Pool(initializer=collect_rarely)


def collect_rarely() -> None:
    """Look for garbage less often: a schedule leaves little behind, and looking took a third of its time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
