"""
Processes of Python that begin with the package imported: forks of a process of the tests that has imported it.

A fork is as new as a process that was started, but for what it need not import. It takes a tenth of the time.
"""

import io
import multiprocessing
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.reduction import DupFd
from typing import Any, BinaryIO

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "boto3.session",
        "grpc._server",
        "pulumi.dynamic.dynamic",
        "pulumi_signa.native.server",
        "pulumi_signa.providers.delivery_check",
        "pulumi_signa.providers.secrets_manager_secret",
        "pulumi_signa.providers.webhook_endpoint",
    ]
)


@contextmanager
def forked(*arguments: str, **environment: str) -> Iterator[BinaryIO]:
    """Run what Python would run with these arguments, and yield the output; the process ends with the block."""
    receiving, sending = os.pipe()
    with os.fdopen(receiving, "rb") as output:
        process = _CONTEXT.Process(target=_run, args=(arguments, {**os.environ, **environment}, DupFd(sending)))
        process.start()
        os.close(sending)
        try:
            yield output
        finally:
            process.kill()
            process.join()
            process.close()


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: Any) -> None:
    """Become the process."""
    sys.stdout = io.TextIOWrapper(os.fdopen(output.detach(), "wb", buffering=0), write_through=True)
    os.environ.clear()
    os.environ.update(environment)
    match arguments:
        case ["-m", module, *rest]:
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", program]:
            exec(program, {"__name__": "__main__"})  # noqa: S102 - of the tests
        case [script, *_]:
            sys.argv = [*arguments]
            runpy.run_path(script, run_name="__main__")
