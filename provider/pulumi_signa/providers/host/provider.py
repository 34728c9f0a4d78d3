"""The base of every provider class: the host's six calls, led to the six verbs of a lifecycle."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi import dynamic

from pulumi_signa import settings
from pulumi_signa.accounts import account_of, aws_of
from pulumi_signa.explanations import redacted, without_secrets
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.lifecycle.context import Context
from pulumi_signa.providers.host import engine, interruption, lanes
from pulumi_signa.providers.host.interruption import interruptible
from pulumi_signa.providers.host.one_line import LOGGER, check_failures, in_one_line, show_own_errors_in_one_line
from pulumi_signa.providers.host.values import RANDOM_KEY, account_in, from_host, hidden_in, stack_in, to_host, urn_in
from pulumi_signa.quotes import one_line

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Record


class Provider(dynamic.ResourceProvider):
    """
    A dynamic provider without state of its own.

    The program pickles it into the state of every resource. Without instance attributes that pickle is the name of a
    module and of a class: constant, under 100 bytes, and free of secrets, so it need not be encrypted either. The
    settings come with `configure`, which only the plugin's process calls; all threads share them.
    A subclass names what a message calls the resource (`thing`), the module with its six verbs, the types of its inputs
    and its state, and the outputs that are secrets.
    """

    serialize_as_secret_always = False

    thing: ClassVar[str]
    life: Any
    declared: ClassVar[type[Record]]
    state: ClassVar[Any]
    secrets: ClassVar[tuple[str, ...]]

    settings_of: Callable[[str | None], settings.Settings]

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Take the settings; what is wrong with them is reported by `check`, and raised where it matters."""
        stack_config = {key: req.config.get(key) for key in settings.STACK_KEYS}
        self.settings_of = functools.cache(lambda account: settings.load(stack_config, account=account))
        show_own_errors_in_one_line()
        interruption.follow()
        lanes.widen_host()
        _log_to_engine(self.settings_of(None).log_level)

    @in_one_line("check")
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Report everything that is wrong at once, without a call to a server."""
        # Without old inputs the resource is to be created.
        checked = self.life.check(self._context(news), from_host(news), is_new=not from_host(olds))
        return dynamic.CheckResult({**to_host(checked.inputs), **hidden_in(news)}, check_failures(checked.problems))

    @in_one_line("update")
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the state with the declaration."""
        context, outputs, inputs = self._context(news, before=olds), from_host(olds), from_host(news)
        # Messages of a refresh or destroy go by the stored URN. The host does not say what is refreshed.
        is_renamed = urn_in([olds]) not in (None, context.urn) and not context.roster.is_refresh(id_, context.urn)
        if not is_renamed and self._is_settled(context, id_, outputs, inputs):
            return dynamic.DiffResult(changes=False, replaces=[], delete_before_replace=False)
        plan = self.life.plan(context, self.state.of(id_, outputs), self.declared.of(inputs))
        return dynamic.DiffResult(
            changes=plan.is_needed or is_renamed, replaces=list(plan.replaces), delete_before_replace=False
        )

    @in_one_line("create")
    @interruptible
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the object, or take over what is there."""
        state = self.life.create(self._context(props), self._declared(props))
        return dynamic.CreateResult(state.id, self._outputs(state, props))

    @in_one_line("read")
    @interruptible
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Fetch the object; the host takes an empty id, with a dictionary, for "gone"."""
        before = self._state(id_, props) if self.state.is_in(props) else None
        state = self.life.read(self._context(props), id_, before)
        if state is None:
            return dynamic.ReadResult("", {})
        inputs = state.drifted_from(before)
        return dynamic.ReadResult(
            id_,
            self._outputs(state, props),
            None if inputs is None else {**to_host(inputs), **hidden_in(props)},
        )

    @in_one_line("update")
    @interruptible
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Change what differs."""
        state = self.life.update(self._context(news, before=olds), self._state(id_, olds), self._declared(news))
        return dynamic.UpdateResult(self._outputs(state, news))

    @in_one_line("delete")
    @interruptible
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the object."""
        self.life.delete(self._context(props), self._state(id_, props))

    def lane(self, args: tuple[Any, ...]) -> tuple[str, str | None]:
        """Return which calls wait for each other: those on resources of one kind in one organization."""
        return self.thing, account_in(args[-1])

    def _is_settled(self, context: Context, id_: str, outputs: dict[str, Any], inputs: dict[str, Any]) -> bool:  # noqa: ARG002 - for children
        """Return whether a look shows that there is nothing to do; False where only the life's `plan` can tell."""
        return False

    def _state(self, id_: str, properties: dict[str, Any]) -> Any:
        return self.state.of(id_, from_host(properties))

    def _declared(self, properties: dict[str, Any]) -> Record:
        return self.declared.of(from_host(properties))

    def _outputs(self, state: Any, hidden: dict[str, Any]) -> dict[str, Any]:
        return {**to_host(state.outputs(), secret=self.secrets), **hidden_in(hidden)}

    def _context(self, properties: dict[str, Any], *, before: dict[str, Any] | None = None) -> Context:
        # The object of a resource that is to be replaced is still in the organization that the state names.
        settings = self.settings_of(account_in(properties if before is None else before))
        peers = Peers(engine.address())
        account = account_of(settings, interruption.pause, peers.channel)
        aws = aws_of(settings, peers.channel)
        urn, stack, stack_before = urn_in([properties]), stack_in(properties), stack_in(before or {})
        urn_before = urn_in([before])
        bags = (properties, before or {})
        return Context(
            urn=urn,
            stack=stack,
            settings=settings,
            now=settings.now(),
            roster=account.roster,
            signa=account.signa,
            destinations=aws.roster,
            secrets_manager=aws.secrets_manager,
            warn=lambda message: engine.warn(without_secrets(message, settings, bags), urn or ""),
            quoted=lambda text, *secrets: one_line(
                redacted(text, settings, [*map(from_host, bags), *({"secret": secret} for secret in secrets)])
            ),
            inform=lambda message: engine.inform(without_secrets(message, settings, bags), urn or ""),
            require_engine=interruption.require_engine,
            must_be_second=bool(properties.get(RANDOM_KEY)),
            moved_from=stack_before if stack and stack_before != stack else None,
            renamed_from=urn_before if urn_before != urn else None,
        )


class _EngineHandler(logging.Handler):
    """Shows each record as one diagnostic. Of a plugin's stderr, the engine makes a diagnostic of each line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        engine.inform(self.format(record), "")


def _log_to_engine(level: int | None) -> None:
    """Show our logger's records where the user asked for them."""
    if level is not None and not LOGGER.handlers:
        handler = _EngineHandler()
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(level)
