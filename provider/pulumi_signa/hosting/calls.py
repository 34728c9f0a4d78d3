"""The six calls of a host on resources of one kind, led to the six verbs of their lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.accounts import account_of, aws_of
from pulumi_signa.explanations import redacted, without_secrets
from pulumi_signa.hosting import engine, interruption
from pulumi_signa.hosting.interruption import interruptible
from pulumi_signa.hosting.one_line import in_one_line, shown_by_others
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.hosting.values import Bag
from pulumi_signa.lifecycle.context import Checked, Context
from pulumi_signa.quotes import one_line

if TYPE_CHECKING:
    from pulumi_signa.hosting.kinds import Kind
    from pulumi_signa.settings import Settings


@dataclass(frozen=True, slots=True)
class Difference:
    """What `diff` finds: whether there is anything to do, the inputs that differ, and those that replace."""

    is_needed: bool
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class Calls:
    """
    The calls on resources of one kind; all threads share them.

    Attributes:
        kind: The kind of the resources.
        settings_of: Returns the settings by the name of the organization.
        workers: How many calls on resources of one kind in one organization are carried out at once.
        worded: Returns a message of the lifecycle in the words of the host.
    """

    def __init__(
        self,
        kind: Kind,
        settings_of: Callable[[str | None], Settings],
        *,
        workers: int,
        worded: Callable[[str], str] = str,
    ) -> None:
        """Take what the attributes say."""
        self.kind = kind
        self.settings_of = settings_of
        self.workers = workers
        self.worded = worded

    @in_one_line("check")
    def check(self, news: Bag, *, is_new: bool) -> Checked:
        """Report everything that is wrong at once, without a call to a server."""
        checked: Checked = self.kind.life.check(self._context(news), news.own, is_new=is_new)
        return checked

    @in_one_line("update")
    def diff(self, id_: str, olds: Bag, news: Bag) -> Difference:
        """Compare the state with the declaration."""
        context = self._context(news, before=olds)
        # Messages of a refresh or destroy go by the stored URN. Neither host says what is refreshed.
        is_renamed = olds.urn not in (None, context.urn) and not context.roster.is_refresh(id_, context.urn)
        if not is_renamed and self.kind.is_settled(context, id_, olds.own, news.own):
            return Difference(is_needed=False)
        plan = self.kind.life.plan(context, self.kind.state.of(id_, olds.own), self.kind.declared.of(news.own))
        return Difference(plan.is_needed or is_renamed, plan.changed, plan.replaces)

    @in_one_line("create")
    @interruptible
    def create(self, news: Bag) -> Any:
        """Create the object, or take over what is there; return its state."""
        return self.kind.life.create(self._context(news), self.kind.declared.of(news.own))

    @in_one_line("read")
    @interruptible
    def read(self, id_: str, bag: Bag) -> tuple[Any, dict[str, Any] | None] | None:
        """Fetch the object; return its state, and its inputs where they have drifted; None where it is gone."""
        before = self.kind.state.of(id_, bag.own) if self.kind.state.is_in(bag.own) else None
        state = self.kind.life.read(self._context(bag), id_, before)
        return None if state is None else (state, state.drifted_from(before))

    @in_one_line("update")
    @interruptible
    def update(self, id_: str, olds: Bag, news: Bag) -> Any:
        """Change what differs; return the state afterwards."""
        context = self._context(news, before=olds)
        return self.kind.life.update(context, self.kind.state.of(id_, olds.own), self.kind.declared.of(news.own))

    @in_one_line("delete")
    @interruptible
    def delete(self, id_: str, bag: Bag) -> None:
        """Delete the object."""
        self.kind.life.delete(self._context(bag), self.kind.state.of(id_, bag.own))

    @in_one_line("preview")
    def preview(self, id_: str, olds: Bag | None, news: Bag) -> dict[str, Any]:
        """Return the outputs after a create, where there are no old ones, or after an update; some are unknown."""
        state = None if olds is None else self.kind.state.of(id_, olds.own)
        outputs: dict[str, Any] = self.kind.life.preview(
            self._context(news, before=olds), state, self.kind.declared.of(news.own)
        )
        return outputs

    def lane(self, bag: Bag) -> tuple[str, str | None]:
        """Return which calls wait for each other: those on resources of one kind in one organization."""
        return self.kind.name, bag.account

    def _context(self, bag: Bag, *, before: Bag | None = None) -> Context:
        # The object of a resource that is to be replaced is still in the organization that the state names.
        settings = self.settings_of((before or bag).account)
        peers = Peers(engine.address())
        account = account_of(settings, interruption.pause, peers.channel)
        aws = aws_of(settings, peers.channel)
        stack_before, urn_before = (None, None) if before is None else (before.stack, before.urn)

        # Most calls say nothing, and need none of this.
        def held() -> list[dict[str, Any]]:
            return [properties for each in (bag, before or Bag({})) for properties in shown_by_others(each)]

        return Context(
            urn=bag.urn,
            stack=bag.stack,
            settings=settings,
            now=settings.now(),
            roster=account.roster,
            signa=account.signa,
            destinations=aws.roster,
            secrets_manager=aws.secrets_manager,
            warn=lambda message: engine.warn(self.worded(without_secrets(message, settings, held())), bag.shown_on),
            quoted=lambda text, *secrets: one_line(
                redacted(text, settings, [*held(), *({"secret": secret} for secret in secrets)])
            ),
            inform=lambda message: engine.inform(self.worded(without_secrets(message, settings, held())), bag.shown_on),
            require_engine=interruption.require_engine,
            must_be_second=bag.has_random_key,
            moved_from=stack_before if bag.stack and stack_before != bag.stack else None,
            renamed_from=urn_before if urn_before != bag.urn else None,
        )
