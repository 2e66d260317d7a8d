"""When Python looks for rings of objects that nobody holds.

It does so whenever many objects were made, and walks over those that there are: in the middle of
reading a million moments it finds nothing, again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, old: bool = False) -> Iterator[None]:
    """Without the collector of cycles, which is put back as it was.

    With `old`, what was made ends among the old objects, where it looks rarely: by way of those
    that are frozen, unless the program has frozen something itself.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if old and was and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        if was:
            gc.enable()
