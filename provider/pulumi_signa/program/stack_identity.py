"""
The identity of a stack: a random id that is made once, before the first write, and lives in the stack's state.

Names do not tell two stacks apart: two developers with a back end each, or two copies of a project, have the same ones.
Our resources wait for the identity and derive the keys of their writes from it, so that a run that was interrupted is
recognized by the next run of the same state, and by no other stack. No call to Signa or AWS is made for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime.settings import get_monitor

if TYPE_CHECKING:
    from pulumi_signa.program.dynamic_host import DynamicHost

NAME = "signa"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class StackIdentity(Resource, module="signa", name="StackIdentity"):
    """
    The identity of the stack; its id is random. Registered by the first of our resources, never by a program.

    A stack has one, whichever hosts its resources have.
    """

    provider = "pulumi_signa.providers.stack_identity.StackIdentityProvider"

    def __init__(self, host: DynamicHost) -> None:
        """Register the identity."""
        name = type(self).__name__
        opts = pulumi.ResourceOptions(
            delete_before_replace=True,  # the provider learns the id only from the delete
            aliases=[host.alias(name)],
        )
        pulumi.CustomResource.__init__(self, f"{host.types}{name}", NAME, host.reference(self.provider), opts)


def once_a_run(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Call a function once a run: programs of the Automation API run in one process, one after another or at once."""
    results: WeakKeyDictionary[Any, Result] = WeakKeyDictionary()

    def wrapper(*args: Arguments.args, **options: Arguments.kwargs) -> Result:
        run = get_monitor()
        if run not in results:
            results[run] = function(*args, **options)
        return results[run]

    return wrapper


@once_a_run
def identity_of_stack(host: DynamicHost) -> pulumi.Output[str | None]:
    """Return the identity; without a dependency on its resource, so that `--target` finds none that it leaves out."""
    id_ = StackIdentity(host).id
    return pulumi.Output(set(), id_.future(with_unknowns=True), id_.is_known())
