"""`Setup`: what the doctor asks Signa and AWS about."""

from dataclasses import dataclass

from pulumi_signa.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """
    `Setup` is what a run of the stack would have.

    Attributes:
        settings: Those of one organization.
        endpoint_ids: The endpoints that the stack has in this organization; None where no stack could be read.
        is_partial: Whether the stack could not be read, so that only what the environment sets is known.
        hidden_key: Where the API key stands that no state shows: in the arguments of a provider of the program's own.
        unread: Keys of the stack's configuration that are not read, each with what was probably meant.
        unread_aws: Settings for AWS that one host of the stack reads and another one does not, each with what to do.
        secret_arn: A secret that the stack has in AWS, to ask permissions for; None where there is none.
    """

    settings: Settings
    endpoint_ids: tuple[str, ...] | None = None
    secret_arn: str | None = None
    is_partial: bool = False
    hidden_key: str = ""
    unread: tuple[tuple[str, str], ...] = ()
    unread_aws: tuple[tuple[str, str], ...] = ()
