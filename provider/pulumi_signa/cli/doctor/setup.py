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
        secret_arn: A secret that the stack has in AWS, to ask permissions for; None where there is none.
    """

    settings: Settings
    endpoint_ids: tuple[str, ...] | None = None
    secret_arn: str | None = None
