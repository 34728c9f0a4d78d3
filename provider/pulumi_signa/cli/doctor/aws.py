"""AWS as the settings reach it: the region, who is asking, and what the caller may do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.cli.doctor import proxies
from pulumi_signa.cli.doctor.clock import SET_CLOCK
from pulumi_signa.cli.doctor.clock import SUBJECT as CLOCK
from pulumi_signa.cli.doctor.signa import CONNECTION
from pulumi_signa.cli.doctor.stack import SUBJECT as STACK
from pulumi_signa.cli.findings import Finding, halves, ok, problem, skipped, warning
from pulumi_signa.setting_rows import ROWS
from pulumi_signa.settings import Settings, SettingsError, has_aws_credentials

if TYPE_CHECKING:
    from pulumi_signa.aws.errors import AwsError
    from pulumi_signa.cli.doctor.setup import Setup

CONFIGURATION, REGION, IDENTITY = "AWS configuration", "AWS region", "AWS identity"
ACCOUNT, PERMISSIONS = "AWS account", "AWS permissions"

_DEADLINE_S = 8.0
_TIMES: dict[str, Any] = {"connect_timeout": 3, "read_timeout": 5, "retries": {"mode": "standard", "max_attempts": 2}}
"""What keeps the look at an AWS that is out of reach short."""

_ANY_REGION = "us-east-1"
"""Where STS is asked who the caller is, if no region is set: every region gives the same answer."""

_NO_TIME = "no answer told the time"

_EXAMPLE = "signa/doctor-AbCdEf"
"""A secret that the documented policy covers; it need not exist."""


@dataclass(frozen=True, slots=True)
class Caller:
    """
    `Caller` is who AWS takes the credentials for.

    Attributes:
        arn: Of a user, a role's session, or the root user.
        account: 12 digits.
        source: botocore's word for where the credentials came from, such as `env` or `sso`.
    """

    arn: str
    account: str
    source: str

    @property
    def role(self) -> str | None:
        """The name of the role that was assumed, if one was."""
        found = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.+", self.arn)
        return found[1] if found else None

    @property
    def partition(self) -> str:
        """`aws`, or that of China or of a government."""
        return self.arn.split(":")[1]


@dataclass(frozen=True, slots=True)
class _Reach:
    """
    `_Reach` is where AWS is asked.

    Attributes:
        session: boto3's; or why there is none.
    """

    session: Any
    region: str

    def client(self, service: str) -> Any:
        """Return a client each of whose operations ends within seconds; raise `AwsError` where none can be made."""
        from botocore.config import Config  # noqa: PLC0415

        from pulumi_signa.aws.boto_errors import errors_of_connecting  # noqa: PLC0415
        from pulumi_signa.aws.session import bounded, client_config  # noqa: PLC0415

        if isinstance(self.session, Exception):
            raise self.session
        with errors_of_connecting():
            config = client_config().merge(Config(**_TIMES))
            client = self.session.client(service, region_name=self.region, config=config)
        return bounded(client, _DEADLINE_S)

    @property
    def url(self) -> str:
        """Where STS is; empty where no client can be made."""
        return "" if isinstance(self.session, Exception) else str(self.client("sts").meta.endpoint_url)

    def caller(self) -> Caller | AwsError:
        """Return who AWS takes the credentials for, or why AWS knows nobody."""
        from pulumi_signa.aws.boto_errors import errors_of  # noqa: PLC0415
        from pulumi_signa.aws.errors import AwsError  # noqa: PLC0415

        try:
            sts = self.client("sts")
            with errors_of("GetCallerIdentity", "*"):
                answer = sts.get_caller_identity()
                return Caller(answer["Arn"], answer["Account"], self.session.get_credentials().method)
        except AwsError as error:
            return error


def _session(settings: Settings) -> Any:
    import boto3  # noqa: PLC0415

    from pulumi_signa.aws.boto_errors import errors_of_connecting  # noqa: PLC0415
    from pulumi_signa.aws.errors import AwsError  # noqa: PLC0415

    try:
        with errors_of_connecting():
            return boto3.Session(profile_name=settings.aws_profile)
    except AwsError as error:
        return error


def findings(setup: Setup, told: Finding | None, broken: Collection[str]) -> Iterator[Finding]:
    """
    Yield what the settings and AWS's answers show.

    Args:
        told: What Signa's answer tells of this machine's clock. With a wrong one AWS is not asked, and would refuse all
            the same. For None AWS's answer tells.
        broken: What was found to be a problem before.
    """
    settings = setup.settings
    yield from (problem(CONFIGURATION, text, "mend the value, or take it out") for text in settings.aws_problems)
    yield from (warning(CONFIGURATION, text, remedy) for text, remedy in setup.unread_aws)
    session = _session(settings)
    region = settings.aws_region or getattr(session, "region_name", None)
    yield _region(setup, session, region)
    if told is not None and told.verdict == "problem":
        yield from (skipped(subject, f"needs: {CLOCK}") for subject in (IDENTITY, ACCOUNT, PERMISSIONS))
        return
    if setup.is_partial and not has_aws_credentials():
        # The profile that the stack may name decides who asks.
        if told is None:
            yield skipped(CLOCK, _NO_TIME)
        yield from (skipped(subject, f"needs: {STACK}") for subject in (IDENTITY, ACCOUNT, PERMISSIONS))
        return
    reach = _Reach(session, region or _ANY_REGION)
    caller = reach.caller()
    if told is None:
        yield _clock(caller)
    if not isinstance(caller, Caller):
        yield _without_identity(caller, reach, broken, is_clock_told=told is not None)
        yield from (skipped(subject, f"needs: {IDENTITY}") for subject in (ACCOUNT, PERMISSIONS))
        return
    yield ok(IDENTITY, f"{caller.arn} (credentials from {caller.source})")
    yield from _allowed(setup, reach, caller, region)


def _region(setup: Setup, session: Any, region: str | None) -> Finding:
    if setup.is_partial and setup.settings.aws_region is None:
        return skipped(REGION, f"needs: {STACK}")
    if region is None and isinstance(session, Exception):
        return skipped(REGION, f"needs: {IDENTITY}")
    if region is None:
        key = setup.settings.place.key_of(ROWS["aws_region"])
        return problem(REGION, "no AWS region is set", f"run `pulumi config set {key} …`, or set AWS_REGION")
    return ok(REGION, region)


def _allowed(setup: Setup, reach: _Reach, caller: Caller, region: str | None) -> Iterator[Finding]:
    """Yield whether the stack allows the caller's account, and what the caller may do."""
    settings = setup.settings
    if setup.is_partial:
        yield from (skipped(subject, f"needs: {STACK}") for subject in (ACCOUNT, PERMISSIONS))
        return
    try:
        settings.require_aws_account(caller.account)
    except SettingsError as error:
        yield problem(ACCOUNT, *halves(str(error)))
        yield skipped(PERMISSIONS, f"needs: {ACCOUNT}")
        return
    yield ok(ACCOUNT, f"{caller.account}{', which the stack allows' if settings.limits_aws_accounts else ''}")
    if region is None:
        yield skipped(PERMISSIONS, f"needs: {REGION}")
    else:
        yield _permissions(reach, caller, setup.secret_arn)


def _clock(caller: Caller | AwsError) -> Finding:
    if isinstance(caller, Caller):
        return ok(CLOCK, "AWS accepts it")
    if _is_of_clock(caller):
        return problem(CLOCK, f"AWS refuses it: {halves(str(caller))[1].partition(': ')[0]}", SET_CLOCK)
    return skipped(CLOCK, _NO_TIME)


def _is_of_clock(error: AwsError) -> bool:
    return "the clock of this machine is" in str(error)


def _without_identity(error: AwsError, reach: _Reach, broken: Collection[str], *, is_clock_told: bool) -> Finding:
    found, remedy = halves(str(error))
    if _is_of_clock(error):
        # Signa's server may agree with this machine, and AWS not.
        said = f"AWS refuses the clock: {remedy.partition(': ')[0]}"
        return problem(IDENTITY, said, SET_CLOCK) if is_clock_told else skipped(IDENTITY, f"needs: {CLOCK}")
    # A proxy may answer itself, and then in no form of AWS's.
    is_of_the_way = found.startswith("AWS cannot be reached") or found.endswith("is not as documented")
    proxy = proxies.variable_for(reach.url) if is_of_the_way else ""
    if proxy and CONNECTION in broken:
        return skipped(IDENTITY, f"needs: {CONNECTION}, as {proxy} is in AWS's way too")
    if proxy:
        return problem(IDENTITY, f"{found} (through {proxy})", f"check {proxy}, or name AWS's hosts in NO_PROXY")
    reason, mark, way = remedy.partition(": ")
    # AWS's refusals give the reason, and then the way out.
    return problem(IDENTITY, f"{found}; {reason}", way) if mark else problem(IDENTITY, found, remedy)


def _permissions(reach: _Reach, caller: Caller, secret_arn: str | None) -> Finding:
    """Return which permissions are missing: IAM is asked, and one look at a secret where IAM may not be asked."""
    from pulumi_signa.aws.errors import AccessDeniedError, AwsError, SecretNotFoundError  # noqa: PLC0415

    resource = secret_arn or f"arn:{caller.partition}:secretsmanager:{reach.region}:{caller.account}:secret:{_EXAMPLE}"
    try:
        return _simulated(reach, caller, resource)
    except AwsError as refused:
        why = str(refused)
    try:
        _describe(reach, resource)
    except AccessDeniedError as denied:
        return problem(PERMISSIONS, *_denial(str(denied)))
    except SecretNotFoundError:
        pass
    except AwsError as error:
        return problem(PERMISSIONS, *halves(str(error)))
    return skipped(PERMISSIONS, f"DescribeSecret is allowed; {_unasked(why)}", _by_hand(caller))


def _denial(text: str) -> tuple[str, str]:
    found, _, remedy = text.rpartition("; ")
    return found, remedy


def _unasked(why: str) -> str:
    return (
        "iam:SimulatePrincipalPolicy is not"
        if "AccessDenied" in why
        else f"IAM cannot be asked for the rest ({halves(why)[0]})"
    )


def _by_hand(caller: Caller) -> str:
    return f"compare the policies of {caller.role or caller.arn} with the statement in docs/security.md#permissions"


def _simulated(reach: _Reach, caller: Caller, resource: str) -> Finding:
    """
    Return what IAM says to all actions; raise `AwsError` where it may not be asked.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    from pulumi_signa.aws.boto_errors import errors_of  # noqa: PLC0415
    from pulumi_signa.aws.permissions import ACTIONS, REPLICATION_ACTIONS  # noqa: PLC0415

    if caller.arn.endswith(":root"):
        return skipped(PERMISSIONS, "the root user may do everything", "deploy with a role of fewer permissions")
    iam = reach.client("iam")
    source = caller.arn if caller.role is None else _role_arn(iam, caller, caller.role)
    with errors_of("SimulatePrincipalPolicy", source):
        answer = iam.simulate_principal_policy(
            PolicySourceArn=source,
            ActionNames=[*ACTIONS, *REPLICATION_ACTIONS],
            ResourceArns=[resource],
            MaxItems=1000,
        )
    denied: dict[str, str] = {
        result["EvalActionName"]: _by_what(result)
        for result in answer["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    }
    if not denied:
        return ok(PERMISSIONS, f"all {len(ACTIONS) + len(REPLICATION_ACTIONS)} actions are allowed on {resource}")
    needed = [action for action in ACTIONS if action in denied]
    named = needed or [action for action in REPLICATION_ACTIONS if action in denied]
    found = f"{_policy(denied[named[0]])} {', '.join(named)}"
    if "explicit" in denied[named[0]]:
        remedy = f"take out the deny; no statement that allows it helps ({resource})"
    else:
        actions = ", ".join(f'"{action}"' for action in named)
        remedy = f'add to the policy: {{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"}}'
    if needed:
        return problem(PERMISSIONS, found, remedy)
    return warning(PERMISSIONS, f"{found}, which replica_regions alone need", remedy)


def _by_what(result: Any) -> str:
    """Return IAM's word for a denial, and whether the organization, or a boundary, is what denies."""
    if not result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
        return f"{result['EvalDecision']} organization"
    if not result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True):
        return f"{result['EvalDecision']} boundary"
    return str(result["EvalDecision"])


def _policy(word: str) -> str:
    if "organization" in word:
        return "a service control policy of the organization denies"
    if "boundary" in word:
        return "the permissions boundary does not allow"
    return "a policy denies" if "explicit" in word else "no policy allows"


def _role_arn(iam: Any, caller: Caller, role: str) -> str:
    """Return the ARN of a role, of whose path the session's ARN tells nothing; the root path where IAM may not tell."""
    from pulumi_signa.aws.boto_errors import errors_of  # noqa: PLC0415
    from pulumi_signa.aws.errors import AwsError  # noqa: PLC0415

    try:
        with errors_of("GetRole", role):
            return str(iam.get_role(RoleName=role)["Role"]["Arn"])
    except AwsError:
        return f"arn:{caller.partition}:iam::{caller.account}:role/{role}"


def _describe(reach: _Reach, secret_id: str) -> None:
    from pulumi_signa.aws.boto_errors import errors_of  # noqa: PLC0415

    secrets_manager = reach.client("secretsmanager")
    with errors_of("DescribeSecret", secret_id):
        secrets_manager.describe_secret(SecretId=secret_id)
