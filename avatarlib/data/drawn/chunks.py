"""Drawing many pictures: in chunks, in order, in processes when it is worth starting them, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from joblib import Parallel, delayed
from tqdm.auto import tqdm

__all__ = ["in_chunks"]

T = TypeVar("T")


def in_chunks(draw: Callable[[int, int], T], count: int, *, chunk: int, parallel_from: int, workers: int,
              progress: bool, task: str, unit: str) -> Iterator[T]:
    """``draw(start, number)`` for one stretch of ``range(count)`` after the other.

    Parameters
    ----------
    draw : callable
        A function at module level, or a ``functools.partial`` of one, so that processes can be sent it.
    count, chunk : int
        Pictures in all, and a call.
    parallel_from : int
        Below this many, starting processes takes longer than drawing: all is drawn here.
    workers : int
        Processes; -1 takes all processors.
    progress : bool
        Show a progress bar that says ``task`` and counts in ``unit``.
    """
    starts = range(0, count, chunk)
    numbers = [min(chunk, count - start) for start in starts]
    jobs = (delayed(draw)(start, number) for start, number in zip(starts, numbers, strict=True))
    results = Parallel(n_jobs=workers if count >= parallel_from else 1, return_as="generator")(jobs)
    with tqdm(total=count, desc=task, unit=unit, disable=not progress) as bar:
        for number, result in zip(numbers, results, strict=True):
            bar.update(number)
            yield result
