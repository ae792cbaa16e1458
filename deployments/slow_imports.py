"""Imports that take seconds: Prefect, the Azure SDK, the flows."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector out while the block imports: it frees nothing there and takes a quarter of the time.

    What was imported stays for the life of the process, so that later collections need not look at it either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
