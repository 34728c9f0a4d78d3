"""
The end of a program whose run was cancelled while the engine was asked something.

The engine cancels a run when one of its steps has failed. A question that is on its way then comes back as an error
without a status of its own, which the SDK shows as a traceback of fifty lines, above the error that matters. Where the
engine has gone already, the SDK ends the program in one line. This module has the SDK do the same a moment earlier.

Measured with SDK 3.272: `pulumi/runtime/settings.py`, `grpc_error_to_exception`.
"""

import functools
from typing import Any

import pulumi
from pulumi.runtime import settings

_CANCELLED = "context canceled"  # Go's words
_ENDED = "Resource monitor has terminated, shutting down"  # the SDK's own


@functools.cache
def show_in_one_line() -> None:
    """Let the SDK end the program in one line from now on; where a later SDK is built in another way, do nothing."""
    explained = getattr(settings, "grpc_error_to_exception", None)
    if explained is None:
        return

    def in_one_line(exn: Any) -> Exception:
        if _CANCELLED in (exn.details() or ""):
            return pulumi.RunError(_ENDED)
        exception: Exception = explained(exn)
        return exception

    settings.grpc_error_to_exception = in_one_line
