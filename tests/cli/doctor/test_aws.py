"""What the doctor says of AWS beyond the set-ups that are broken in one way."""

import pytest

from cli.doctor.healthy import Iam, SetUp
from cli.harness import resource
from pulumi_signa.aws.permissions import ACTIONS, REPLICATION_ACTIONS

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:brand/alerts-AbCdEf"
ROLE = "arn:aws:sts::123456789012:assumed-role/deploy/ci"


def test_iam_is_asked_for_every_action_of_the_documented_policy(set_up: SetUp) -> None:
    set_up.examined()

    assert {*set_up.aws.simulated["ActionNames"]} == {*ACTIONS, *REPLICATION_ACTIONS}
    assert set_up.aws.simulated["ResourceArns"] == [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/doctor-AbCdEf"
    ]


def test_permissions_are_asked_for_on_a_secret_of_the_stack(set_up: SetUp) -> None:
    set_up.stack(resources=(resource("whk_1", type_="signa:x:Y", outputs={"secret_arn": ARN}),))

    found = set_up.examined()["AWS permissions"]

    assert set_up.aws.simulated["ResourceArns"] == [ARN]
    assert found.found == f"all 12 actions are allowed on {ARN}"


@pytest.mark.parametrize(
    ("refused", "source"),
    [("nothing", "arn:aws:iam::123456789012:role/ci/deploy"), ("GetRole", "arn:aws:iam::123456789012:role/deploy")],
)
def test_session_of_a_role_is_looked_at_as_the_role(refused: str, source: str, set_up: SetUp) -> None:
    set_up.aws.arn = ROLE
    set_up.aws.refuse[refused] = ("AccessDenied", "no")

    found = set_up.examined()

    assert found["AWS identity"].found == f"{ROLE} (credentials from env)"
    assert found["AWS permissions"].verdict == "ok"
    assert set_up.aws.simulated["PolicySourceArn"] == [source]


def test_root_user_is_not_looked_at(set_up: SetUp) -> None:
    set_up.aws.arn = "arn:aws:iam::123456789012:root"

    found = set_up.examined()["AWS permissions"]

    assert (found.verdict, found.found) == ("skipped", "the root user may do everything")


def test_what_replicas_alone_need_is_a_warning(set_up: SetUp) -> None:
    set_up.aws.decisions[REPLICATION_ACTIONS[0]] = "implicitDeny"

    found = set_up.examined()["AWS permissions"]

    assert found.verdict == "warning"
    assert "which replica_regions alone need" in found.found
    assert REPLICATION_ACTIONS[0] in found.remedy


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("OrganizationsDecisionDetail><AllowedByOrganizations", "a service control policy of the organization denies"),
        (
            "PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary",
            "the permissions boundary does not allow secretsmanager:PutSecretValue",
        ),
    ],
)
def test_policy_that_stands_above_is_named(detail: str, said: str, set_up: SetUp) -> None:
    set_up.aws.decisions["secretsmanager:PutSecretValue"] = "implicitDeny"
    outer, inner = detail.split("><")
    set_up.aws.details = f"<{outer}><{inner}>false</{inner}></{outer}>"

    assert said in set_up.examined()["AWS permissions"].found


def test_where_iam_may_not_be_asked_one_look_at_a_secret_stands_in(set_up: SetUp, iam: Iam) -> None:
    iam.refuse["SimulatePrincipalPolicy"] = ("AccessDenied", "not authorized to perform: iam:SimulatePrincipalPolicy")

    found = set_up.examined()["AWS permissions"]

    assert found.verdict == "skipped"
    assert found.found == "DescribeSecret is allowed; iam:SimulatePrincipalPolicy is not"
    assert "compare the policies of arn:aws:iam::123456789012:user/deployer" in found.remedy
    assert iam.asked[-1] == "DescribeSecret"


def test_region_of_the_stack_counts(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_REGION")
    set_up.stack({"aws:region": "eu-central-1"})

    assert set_up.examined()["AWS region"].found == "eu-central-1"


def test_malformed_settings_of_aws_are_told(set_up: SetUp) -> None:
    set_up.stack({"aws:allowedAccountIds": "nonsense"})

    found = set_up.examined()["AWS configuration"]

    assert "aws:allowedAccountIds must be a list of account ids" in found.found
    assert found.remedy == "mend the value, or take it out"


def test_profile_that_does_not_exist_is_told(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_ACCESS_KEY_ID")
    set_up.environment.setenv("AWS_PROFILE", "nobody")

    set_up.environment.delenv("AWS_REGION")

    found = set_up.examined()

    # The profile may have a region.
    assert found["AWS region"].found == "needs: AWS identity"
    assert found["AWS identity"].verdict == "problem"
    assert "nobody" in found["AWS identity"].found
    assert "AWS_PROFILE" in found["AWS identity"].remedy
