"""How the dynamic host's `Cancel` is heard, which tells no provider."""

from __future__ import annotations

import functools
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pulumi_signa.hosting import interruption


class _CancellationPool(ThreadPoolExecutor):
    """Runs the host's `Cancel`, and records that the run has ended."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Record the end, and run the call."""
        interruption.end()
        return super().submit(*args, **kwargs)


@functools.cache
def hear() -> None:
    """
    Run the host's `Cancel` in a thread pool of its own.

    The host answers `Cancel` and tells no provider. The call would also queue behind the very calls that are to end,
    since the host has four threads for everything. gRPC looks for a pool in this attribute at every call.
    """
    servicer = getattr(sys.modules["__main__"], "DynamicResourceProviderServicer", None)
    if servicer is not None:
        servicer.Cancel.experimental_thread_pool = _CancellationPool(max_workers=1)
