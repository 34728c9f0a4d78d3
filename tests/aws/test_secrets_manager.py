"""The operations of Secrets Manager, and the error for each exception of boto3."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions
from botocore.stub import Stubber

from pulumi_signa.aws import boto_errors, session
from pulumi_signa.aws.descriptions import Description
from pulumi_signa.aws.errors import AwsError, SecretDeletedError, SecretExistsError, SecretNotFoundError
from pulumi_signa.aws.secrets_manager import SecretsManager

REGION = "eu-west-1"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/prod-AbCdEf"
SECRET = "never-to-be-seen-6f1e"
TOKEN = "t" * 64


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> SecretsManager:
    """Return a manager with made-up credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return SecretsManager(REGION)


@pytest.fixture
def stubber(manager: SecretsManager) -> Stubber:
    """Return the stub that answers in place of AWS."""
    fake_answers = Stubber(manager._client)
    fake_answers.activate()
    return fake_answers


@pytest.fixture
def aws_look_alike(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return what sets the one answer, and its status, of a server that stands where AWS should be."""
    said = [b"", 200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(said[1])
            self.send_header("Content-Length", str(len(said[0])))
            self.end_headers()
            self.wfile.write(said[0])

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    def answer(body: object, status: int = 200) -> None:
        said[:] = [body.encode() if isinstance(body, str) else json.dumps(body).encode(), status]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


def create(manager: SecretsManager, value: Any = SECRET) -> Any:
    """Create a secret whose value must never be seen."""
    return manager.create("signa/prod", value, token=TOKEN, description=None, kms_key_id=None, tags={})


def failure(operation: Callable[[], Any]) -> AwsError:
    """Return the error of an operation; the error is one line without the value, and has no cause to print."""
    with pytest.raises(AwsError) as caught:
        operation()
    assert len(str(caught.value).splitlines()) == 1
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return caught.value


def refused(manager: SecretsManager, stubber: Stubber, code: str, message: str) -> AwsError:
    """Return the error for a refused create."""
    stubber.add_client_error("create_secret", code, message, response_meta={"RequestId": "req-1"})
    return failure(lambda: create(manager))


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", SecretNotFoundError),
        ("ResourceExistsException", "A resource with the ID you requested already exists.", SecretExistsError),
        (
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
            SecretDeletedError,
        ),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
            SecretDeletedError,
        ),
        (
            "InvalidRequestException",
            "You tried to perform the operation on a secret that's currently marked deleted.",
            SecretDeletedError,
        ),
        ("InvalidRequestException", "You must provide a value.", AwsError),
        ("InvalidParameterException", "scheduled for deletion", AwsError),
        ("LimitExceededException", "Too many secrets.", AwsError),
        ("InternalServiceError", "", AwsError),
    ],
)
def test_refusal_that_callers_act_on_has_a_class(
    manager: SecretsManager, stubber: Stubber, code: str, message: str, kind: type[AwsError]
) -> None:
    """Any other refusal is the root class itself."""
    assert type(refused(manager, stubber, code, message)) is kind


def test_refusal_says_what_came_back(manager: SecretsManager, stubber: Stubber) -> None:
    """The line has the code, the operation, AWS's text and the request id."""
    error = refused(manager, stubber, "LimitExceededException", "Too many\n\tsecrets.")

    assert str(error) == "AWS answered LimitExceededException to CreateSecret: Too many secrets. (request req-1)"


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("InternalServiceError", 500)])
def test_passing_refusal_says_to_run_again(manager: SecretsManager, stubber: Stubber, code: str, status: int) -> None:
    """boto3 has used all its attempts."""
    stubber.add_client_error("create_secret", code, "No.", http_status_code=status)

    error = failure(
        lambda: manager.create("signa/prod", "v", token="t" * 32, description=None, kms_key_id=None, tags={})
    )

    assert str(error).endswith("it was tried 5 times: run the same command again later")


def test_missing_permission_is_named_with_its_policy_line(manager: SecretsManager, stubber: Stubber) -> None:
    """The line is valid JSON, with the action that AWS named, for this secret alone."""
    message = (
        "User: arn:aws:iam::123456789012:user/a is not authorized to perform: secretsmanager:TagResource on resource: "
        "signa/prod because no identity-based policy allows the secretsmanager:TagResource action"
    )

    error = str(refused(manager, stubber, "AccessDeniedException", message))

    assert json.loads(error.partition("add to the policy: ")[2]) == {
        "Effect": "Allow",
        "Action": "secretsmanager:TagResource",
        "Resource": "arn:aws:secretsmanager:*:*:secret:signa/prod-*",
    }


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_policy_line_is_of_the_partition(aws: str, region: str, partition: str) -> None:
    """China and GovCloud have ARNs of their own."""
    manager = SecretsManager(region)

    with Stubber(manager._client) as stubber:
        error = refused(manager, stubber, "AccessDeniedException", "No.")

    assert f'"Resource": "arn:{partition}:secretsmanager:*:*:secret:signa/prod-*"' in str(error)


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied"])
def test_unnamed_permission_is_that_of_the_operation(manager: SecretsManager, stubber: Stubber, code: str) -> None:
    """AWS does not always say which permission is missing."""
    stubber.add_client_error("describe_secret", code, "No.")

    error = str(failure(lambda: manager.describe(ARN)))

    assert '"Action": "secretsmanager:DescribeSecret"' in error
    assert f'"Resource": "{ARN}"' in error


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("EncryptionFailure", "Secrets Manager can't encrypt the protected secret text."),
        ("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text."),
        ("AccessDeniedException", "Access to KMS is not allowed"),
        (
            "AccessDeniedException",
            "User: x is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:y",
        ),
        ("InvalidParameterException", "The KMS key is disabled."),
    ],
)
def test_kms_refusal_names_the_key(manager: SecretsManager, stubber: Stubber, code: str, message: str) -> None:
    """A permission for Secrets Manager would not help."""
    error = str(refused(manager, stubber, code, message))

    assert error.endswith("check that kms_key_id names an enabled key and that its policy lets you use it")
    assert "add to the policy" not in error


def test_secret_with_kms_in_its_name_is_no_kms_refusal(manager: SecretsManager, stubber: Stubber) -> None:
    """The name of a secret may contain KMS."""
    message = "User: x is not authorized to perform: secretsmanager:CreateSecret on resource: prod/KMS-stuff"

    assert "add to the policy" in str(refused(manager, stubber, "AccessDeniedException", message))


@pytest.mark.parametrize(
    "code", ["ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidSignatureException"]
)
def test_expired_credentials_say_how_to_log_in(manager: SecretsManager, stubber: Stubber, code: str) -> None:
    """Wrong credentials have the same way out; AWS's text is not quoted."""
    error = str(refused(manager, stubber, code, "The Canonical String should have been x-amz-security-token:HUSH"))

    assert "the credentials are wrong or have expired: log in with the AWS CLI, or set AWS_PROFILE" in error
    assert "HUSH" not in error


_EXPIRED = "Signature expired: 20261125T080000Z is now earlier than 20261125T081500Z (20261125T082000Z - 5 min.)"
_EARLY = "Signature not yet current: 20261125T102000Z is still later than 20261125T082500Z (20261125T082000Z + 5 min.)"


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("InvalidSignatureException", _EXPIRED, "is 0:20:00 behind"),
        ("SignatureDoesNotMatch", _EXPIRED, "is 0:20:00 behind"),
        ("InvalidSignatureException", _EARLY, "is 2:00:00 ahead"),
        ("InvalidSignatureException", "Signature expired: HUSH", "is wrong"),
        ("InvalidSignatureException", _EXPIRED.replace("20261125T", "20261399T"), "is wrong"),
        ("RequestExpired", "Request has expired. HUSH", "is wrong"),
        ("RequestTimeTooSkewed", "The difference is too large.", "is wrong"),
        ("RequestInTheFuture", "", "is wrong"),
    ],
)
def test_wrong_clock_is_not_taken_for_wrong_credentials(
    manager: SecretsManager, stubber: Stubber, *, code: str, message: str, said: str
) -> None:
    """AWS refuses a signature whose time is five minutes off."""
    error = str(refused(manager, stubber, code, message))

    assert f"the clock of this machine {said}: set it" in error
    assert "credentials" not in error
    assert "HUSH" not in error


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        ("with an explicit deny in a service control policy", "service control policy of the organization"),
        ("with an explicit deny in a permissions boundary", "permissions boundary of the user or role"),
        ("with an explicit deny in a session policy", "session policy"),
        ("with an explicit deny in a resource-based policy", "the secret's own resource policy"),
        ("with an explicit deny in a VPC endpoint policy", "VPC endpoint"),
        ("with an explicit deny in an identity-based policy", "identity-based policy"),
        ("with an explicit deny", "a policy"),
    ],
)
def test_explicit_deny_has_to_go(manager: SecretsManager, stubber: Stubber, reason: str, place: str) -> None:
    """A statement that allows the action would not help."""
    message = f"User: u is not authorized to perform: secretsmanager:CreateSecret on resource: signa/prod {reason}"

    error = str(refused(manager, stubber, "AccessDeniedException", message))

    assert place in error.partition(";")[2]
    assert "denies secretsmanager:CreateSecret" in error
    assert "the deny has to go" in error
    assert '"Effect": "Allow"' not in error


@pytest.mark.parametrize(
    ("lacking", "place"),
    [
        ("service control policy", "add to a service control policy"),
        ("permissions boundary", "add to the permissions boundary"),
        ("session policy", "add to the session policy"),
        ("resource-based policy", "add to the secret's own resource policy"),
        ("VPC endpoint policy", "add to the policy of the VPC endpoint"),
    ],
)
def test_policy_that_lacks_the_statement_is_named(
    manager: SecretsManager, stubber: Stubber, lacking: str, place: str
) -> None:
    """Every one of several policies has to allow the action."""
    action = "secretsmanager:CreateSecret"
    message = f"u is not authorized to perform: {action} on resource: r because no {lacking} allows the {action} action"

    error = str(refused(manager, stubber, "AccessDeniedException", message))

    assert place in error
    assert f'"Effect": "Allow", "Action": "{action}"' in error


def test_role_that_may_not_be_assumed_is_the_resource_of_the_statement(
    manager: SecretsManager, stubber: Stubber
) -> None:
    """A statement about the secret would not help."""
    message = "User: u is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/ci"

    error = str(refused(manager, stubber, "AccessDenied", message))

    assert '"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::123456789012:role/ci"' in error


@pytest.mark.parametrize("value", [[SECRET], {"a": SECRET}, SECRET.encode()])
def test_value_of_a_wrong_type_is_not_quoted(manager: SecretsManager, value: Any) -> None:
    """Botocore's own message quotes the value."""
    error = str(failure(lambda: create(manager, value)))

    assert error == "AWS's library refused the parameters of CreateSecret; check the types of the inputs"


def test_no_credentials_say_how_to_set_them() -> None:
    """The error comes before a request is sent."""
    manager = SecretsManager(REGION)

    error = str(failure(lambda: create(manager)))

    assert error.startswith("no AWS credentials: log in with the AWS CLI, or set AWS_PROFILE")


def test_half_of_the_credentials_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An access key id needs its secret."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")

    error = str(failure(lambda: create(SecretsManager(REGION))))

    assert error.startswith("no AWS credentials: ")


def test_no_region_says_how_to_set_one() -> None:
    """The line names all three places."""
    error = str(failure(lambda: SecretsManager(None)))

    assert error == "no AWS region: run `pulumi config set aws:region …`, or set AWS_REGION or the input region"


def test_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the variable of the profile."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    error = str(failure(lambda: SecretsManager(REGION)))

    assert error == "The config profile (nobody) could not be found: check AWS_PROFILE and aws:profile"


def test_attempts_are_as_many_as_the_error_says(
    aws_look_alike: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws_look_alike({"__type": "InternalServiceError", "message": "No."}, 500)
    monkeypatch.setattr("time.sleep", lambda _: None)
    manager = SecretsManager(REGION)
    sent: list[None] = []
    manager._client.meta.events.register("before-send", lambda **_: sent.append(None))

    error = str(failure(lambda: create(manager)))

    assert f"it was tried {len(sent)} times: " in error


def test_unreachable_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the operation and the endpoint."""
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1")

    error = str(failure(lambda: create(SecretsManager(REGION))))

    assert error.startswith("AWS cannot be reached for CreateSecret: ")
    assert "http://127.0.0.1:1/" in error


def test_answer_that_drips_ends_at_the_deadline(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read time-out of boto3 counts from byte to byte."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:{1}".format(*listener.getsockname()))
        manager = SecretsManager(REGION, deadline_s=0.3)
        threading.Thread(target=_drip, args=[listener], daemon=True).start()

        text = str(failure(lambda: manager.describe("signa/prod")))

    assert text.startswith("AWS cannot be reached for DescribeSecret: no whole answer within 0.3 s")
    assert "AWS_ENDPOINT_URL_SECRETS_MANAGER" in text


def _drip(listener: socket.socket) -> None:
    """Answer one request for as long as the client listens."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"1")
            threading.Event().wait(0.02)


def test_failing_credential_process_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may print several lines."""
    config = tmp_path / "config"
    config.write_text("[default]\ncredential_process = sh -c 'printf \"no\\nluck\\n\" >&2; exit 1'\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    error = str(failure(lambda: create(SecretsManager(REGION))))

    assert "failed before it was sent" in error
    assert "log in with the AWS CLI" in error


_BOTO_EXCEPTIONS = sorted(
    (
        thing
        for thing in vars(exceptions).values()
        if isinstance(thing, type) and issubclass(thing, exceptions.BotoCoreError)
    ),
    key=lambda class_: class_.__name__,
)


@pytest.mark.parametrize("class_", _BOTO_EXCEPTIONS, ids=lambda class_: class_.__name__)
def test_everything_that_botocore_raises_becomes_ours(
    manager: SecretsManager, monkeypatch: pytest.MonkeyPatch, class_: type[exceptions.BotoCoreError]
) -> None:
    """Every class becomes the root class, and one line."""

    def fail(**_: object) -> None:
        raise error

    error = class_.__new__(class_)
    Exception.__init__(error, "first line\nsecond line")
    monkeypatch.setattr(manager._client, "describe_secret", fail)

    assert type(failure(lambda: manager.describe(ARN))) is AwsError


def test_description_leaves_out_what_is_aws_own(manager: SecretsManager, stubber: Stubber) -> None:
    """AWS adds tags of its own, and writes empty strings for values that are not set."""
    stubber.add_response(
        "describe_secret",
        {
            "ARN": ARN,
            "Name": "signa/prod",
            "Description": "",
            "Tags": [{"Key": "aws:cloudformation:stack", "Value": "x"}, {"Key": "a", "Value": "b"}],
            "VersionIdsToStages": {"c" * 32: ["AWSCURRENT", "blue"], "p" * 32: ["AWSPREVIOUS"]},
            "DeletedDate": datetime(2026, 1, 1, tzinfo=timezone.utc),
        },
    )

    found = manager.describe("signa/prod")

    assert found == Description(
        arn=ARN,
        name="signa/prod",
        description=None,
        kms_key_id=None,
        is_deleted=True,
        tags={"a": "b"},
        versions={"AWSCURRENT": "c" * 32, "blue": "c" * 32, "AWSPREVIOUS": "p" * 32},
    )


@pytest.mark.parametrize(
    ("stages", "is_current"), [(["AWSCURRENT"], True), (["AWSPREVIOUS"], False), (["blue"], False)]
)
def test_put_says_whether_its_version_is_current(
    manager: SecretsManager, stubber: Stubber, stages: list[str], is_current: object
) -> None:
    """A put of an older version changes nothing, and the result says so."""
    stubber.add_response("put_secret_value", {"ARN": ARN, "VersionId": TOKEN, "VersionStages": stages})

    assert manager.put(ARN, SECRET, token=TOKEN).is_current is is_current


@pytest.mark.parametrize("version", [{}, {"VersionId": TOKEN}])
def test_create_without_a_value_makes_no_version(
    manager: SecretsManager, stubber: Stubber, version: dict[str, str]
) -> None:
    """Some servers answer with a version all the same."""
    stubber.add_response(
        "create_secret",
        {"ARN": ARN, "Name": "signa/prod", **version},
        {"Name": "signa/prod", "Tags": []},
    )

    made = manager.create("signa/prod", None, token=None, description=None, kms_key_id=None, tags={})

    assert (made.arn, made.version_id) == (ARN, None)


_DESCRIBED: dict[str, Any] = {"ARN": ARN, "Name": "signa/prod"}
_PUT: dict[str, Any] = {"ARN": ARN, "VersionId": TOKEN}


@pytest.mark.parametrize(
    ("operation", "answer", "field"),
    [
        ("CreateSecret", "<html>log in</html>", "ARN"),
        ("CreateSecret", {}, "ARN"),
        ("CreateSecret", {"ARN": ARN}, "VersionId"),
        ("CreateSecret", {"ARN": ARN, "VersionId": ""}, "VersionId"),
        ("CreateSecret", {"ARN": "signa/prod", "VersionId": TOKEN}, "ARN"),
        ("CreateSecret", [], None),
        ("CreateSecret", 5, None),
        ("PutSecretValue", _PUT, "VersionStages"),
        ("PutSecretValue", {**_PUT, "VersionStages": [5]}, "VersionStages"),
        ("DescribeSecret", "", "ARN"),
        ("DescribeSecret", {"ARN": ARN}, "Name"),
        ("DescribeSecret", {**_DESCRIBED, "Description": 5}, "Description"),
        ("DescribeSecret", {**_DESCRIBED, "Tags": [{}]}, "Key"),
        ("DescribeSecret", {**_DESCRIBED, "Tags": [{"Key": 5}]}, "Key"),
        ("DescribeSecret", {**_DESCRIBED, "Tags": {"a": "b"}}, None),
        ("DescribeSecret", {**_DESCRIBED, "VersionIdsToStages": {"v": [None, 1]}}, "VersionIdsToStages"),
        ("DescribeSecret", {**_DESCRIBED, "VersionIdsToStages": 5}, None),
        ("DescribeSecret", {**_DESCRIBED, "DeletedDate": "soon"}, None),
        ("DescribeSecret", {**_DESCRIBED, "RotationRules": 5}, None),
        ("UpdateSecret", {}, "ARN"),
        ("RestoreSecret", "<html>", "ARN"),
        ("DeleteSecret", "<html>", "ARN"),
    ],
)
def test_malformed_answer_names_operation_and_field(
    aws_look_alike: Callable[[object], None], *, operation: str, answer: object, field: str | None
) -> None:
    """What answers may be a proxy, a login page, or another server."""
    aws_look_alike(answer)
    manager = SecretsManager(REGION)
    calls: dict[str, Callable[[], Any]] = {
        "CreateSecret": lambda: create(manager),
        "PutSecretValue": lambda: manager.put(ARN, SECRET, token=TOKEN),
        "DescribeSecret": lambda: manager.describe(ARN),
        "UpdateSecret": lambda: manager.update(ARN, description=None, kms_key_id=None),
        "RestoreSecret": lambda: manager.restore(ARN),
        "DeleteSecret": lambda: manager.delete(ARN, recovery_window_in_days=7),
    }

    error = str(failure(calls[operation]))

    assert error.startswith(f"AWS's answer to {operation} is not as documented")
    assert error.endswith("a proxy, and AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_SECRETS_MANAGER")
    assert field is None or field in error


@pytest.mark.parametrize("message", [5, None, {"a": 1}])
def test_refusal_of_an_odd_form_is_one_line(aws_look_alike: Callable[..., None], message: object) -> None:
    """A refusal is not validated, and not trusted either."""
    aws_look_alike({"__type": "InvalidParameterException", "message": message}, status=400)

    assert "DescribeSecret" in str(failure(lambda: SecretsManager(REGION).describe(ARN)))


def test_role_that_cannot_be_assumed_is_a_refusal_of_aws(
    aws_look_alike: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The account of the stack's profile is looked up before anything else."""
    aws_look_alike("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>", 403)
    role = "role_arn = arn:aws:iam::123456789012:role/ci\ncredential_source = Environment\n"
    (tmp_path / "config").write_text(f"[profile ci]\n{role}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"])

    with pytest.raises(AwsError, match="AccessDenied to GetCallerIdentity"):
        session.account_id("ci", "eu-west-1")


def test_token_is_the_id_of_the_version(aws: str) -> None:
    """The same call again makes no other version."""
    manager = SecretsManager(REGION)

    first = create(manager)
    again = create(manager)

    assert first == again
    assert first.version_id == TOKEN


def test_malformed_endpoint_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 raises a bare ValueError, which does not say where the value came from."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "nonsense")

    with pytest.raises(AwsError, match="AWS_ENDPOINT_URL_SECRETS_MANAGER"):
        SecretsManager("eu-west-1")


def test_malformed_region_names_the_setting() -> None:
    """A malformed region is not reported as missing credentials."""
    with pytest.raises(AwsError, match="aws:region"):
        SecretsManager("not a region")


@pytest.mark.parametrize("name", ["AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"])
def test_credential_with_a_line_break_is_not_shown(aws: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The HTTP library quotes the header that it could not send, and headers hold credentials."""
    monkeypatch.setenv(name, "HUSHHUSH1234\nx")

    with pytest.raises(AwsError, match="line breaks") as caught:
        SecretsManager("eu-west-1").describe("x")

    assert "HUSH" not in str(caught.value)


def test_time_out_is_not_reported_as_a_line_break(aws: str) -> None:
    """Both are HTTP errors to boto3, and only one is about credentials."""
    with (
        pytest.raises(AwsError, match="AWS cannot be reached for DescribeSecret"),
        boto_errors.errors_of("DescribeSecret", "x"),
    ):
        raise exceptions.ReadTimeoutError(endpoint_url=aws)
