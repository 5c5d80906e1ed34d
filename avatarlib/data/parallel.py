"""Work on many pictures, results in order, with a progress bar: in threads, or in processes where they pay."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from joblib import Parallel, delayed
from tqdm.auto import tqdm

__all__ = ["in_chunks", "in_threads"]

S = TypeVar("S")
T = TypeVar("T")


def in_threads(work: Callable[[S], T], items: Sequence[S], task: str = "", *, workers: int = -1,
               progress: bool = True) -> Iterator[T]:
    """``work`` on every one of some files; an interruption does not wait for those that are queued.

    ``workers`` -1 takes a thread a processor. Pillow decodes and resizes, and hashes are made, outside Python's lock.
    """
    with ThreadPoolExecutor(workers if workers > 0 else os.cpu_count()) as pool:
        try:
            yield from tqdm(pool.map(work, items), total=len(items), desc=task, unit="file", disable=not progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def in_chunks(draw: Callable[[int, int], T], count: int, *, chunk: int, parallel_from: int, workers: int,
              progress: bool, task: str, unit: str) -> Iterator[T]:
    """``draw(start, number)`` for one stretch of ``range(count)`` after the other.

    ``draw`` is a function at module level, or a ``functools.partial`` of one, so that processes can be sent it; it gets
    at most ``chunk``. Below ``parallel_from`` starting processes takes longer than drawing: all is drawn here. Else
    ``workers`` do it, -1 for all processors. The progress bar says ``task`` and counts in ``unit``.
    """
    starts = range(0, count, chunk)
    numbers = [min(chunk, count - start) for start in starts]
    jobs = (delayed(draw)(start, number) for start, number in zip(starts, numbers, strict=True))
    results = Parallel(n_jobs=workers if count >= parallel_from else 1, return_as="generator")(jobs)
    with tqdm(total=count, desc=task, unit=unit, disable=not progress) as bar:
        for number, result in zip(numbers, results, strict=True):
            bar.update(number)
            yield result
