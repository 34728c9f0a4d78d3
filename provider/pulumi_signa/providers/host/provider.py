"""The base of every provider class: the host's six calls, led to those that both hosts share."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi import dynamic

from pulumi_signa import setting_rows, settings
from pulumi_signa.hosting import interruption, logs
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.hidden import PROVIDER
from pulumi_signa.hosting.values import Bag, bag_of
from pulumi_signa.providers.host import cancellation, width
from pulumi_signa.providers.host.one_line import check_failures, show_own_errors_in_one_line
from pulumi_signa.providers.host.values import to_host

if TYPE_CHECKING:
    from pulumi_signa.hosting.kinds import Kind

WORKERS = 4
"""Calls on one kind of resource in one organization that are carried out at once; the host does as many by itself."""


class Provider(dynamic.ResourceProvider):
    """
    A dynamic provider without state of its own; a subclass names its kind of resource.

    The program pickles it into the state of every resource. Without instance attributes that pickle is the name of a
    module and of a class: constant, under 100 bytes, and free of secrets, so it need not be encrypted either. The
    settings come with `configure`, which only the plugin's process calls; all threads share them.
    """

    serialize_as_secret_always = False

    kind: ClassVar[Kind]

    calls: Calls

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Take the settings; what is wrong with them is reported by `check`, and raised where it matters."""
        stack_config = {key: req.config.get(key) for key in setting_rows.STACK_KEYS}
        settings_of = functools.cache(lambda account: settings.load(stack_config, account=account))
        self.calls = Calls(self.kind, settings_of, workers=WORKERS)
        show_own_errors_in_one_line()
        cancellation.hear()
        interruption.follow()
        width.widen_host()
        logs.show_in_engine(settings_of(None).log_level)

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, without a call to a server."""
        bag = self._bag(news)
        # Without old inputs the resource is to be created.
        checked = self.calls.check(bag, is_new=not olds.keys() - {PROVIDER})
        return dynamic.CheckResult({**to_host(checked.inputs), **to_host(bag.hidden)}, check_failures(checked.problems))

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the state with the declaration."""
        before = self._bag(olds)
        found = self.calls.diff(id_, before, self._bag(news))
        # A state of the other host has other names, by which a program would not find its outputs.
        return dynamic.DiffResult(
            changes=found.is_needed or not before.is_of_dynamic_host,
            replaces=list(found.replaces),
            delete_before_replace=False,
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the object, or take over what is there."""
        bag = self._bag(props)
        state = self.calls.create(bag)
        return dynamic.CreateResult(state.id, self._outputs(state, bag))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fetch the object; the host takes an empty id, with a dictionary, for "gone"."""
        bag = self._bag(props)
        found = self.calls.read(id_, bag)
        if found is None:
            return dynamic.ReadResult("", {})
        state, inputs = found
        drifted = None if inputs is None else {**to_host(inputs), **to_host(bag.hidden)}
        return dynamic.ReadResult(id_, self._outputs(state, bag), drifted)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs."""
        bag = self._bag(news)
        return dynamic.UpdateResult(self._outputs(self.calls.update(id_, self._bag(olds), bag), bag))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the object."""
        self.calls.delete(id_, self._bag(props))

    def _bag(self, properties: dict[str, Any]) -> Bag:
        return bag_of(properties, self.kind.declared.rows())

    def _outputs(self, state: Any, bag: Bag) -> dict[str, Any]:
        return {**to_host(state.outputs(), secret=self.kind.secrets), **to_host(bag.hidden)}
