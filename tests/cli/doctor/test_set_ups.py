"""Set-ups that are broken in one way each: the doctor names the cause, and complains of nothing else."""

import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest
import time_machine

from cli.doctor.healthy import KEY_WITHOUT_SCOPE, SetUp, script
from cli.harness import resource
from fake_transport import API_KEY

ID = "whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25"
WRONG_KEY = "sig_" + "dead" * 12
DEAD = "http://127.0.0.1:9"
"""Nobody listens on the port of the service `discard`."""


def no_key(set_up: SetUp) -> None:
    set_up.environment.delenv("SIGNA_API_KEY")


def wrong_key(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_API_KEY", WRONG_KEY)


def malformed_key(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_API_KEY", "whsec_" + "dead" * 12)


def missing_scope(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_API_KEY", KEY_WITHOUT_SCOPE)


def missing_plan(set_up: SetUp) -> None:
    set_up.fault(kind="status", status=403, type="plan_upgrade_required", times=None)


def base_url_without_version(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", set_up.signa.base_url.removesuffix("/v1"))


def base_url_of_a_web_page(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", set_up.aws.url + "/moto-api/")


def base_url_over_http(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", "http://api.signa.so/v1")


def base_url_where_nobody_is(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", f"{DEAD}/v1")


def proxy(set_up: SetUp) -> None:
    set_up.environment.setenv("HTTP_PROXY", DEAD)
    # The proxy is in Signa's way alone.
    set_up.environment.setenv("SIGNA_BASE_URL", set_up.signa.base_url.replace("127.0.0.1", "localhost"))
    set_up.environment.setenv("NO_PROXY", "127.0.0.1")


def proxy_of_everything(set_up: SetUp) -> None:
    set_up.environment.setenv("HTTP_PROXY", DEAD)


def proxy_of_aws(set_up: SetUp) -> None:
    set_up.environment.setenv("HTTP_PROXY", DEAD)
    set_up.environment.setenv("SIGNA_BASE_URL", set_up.signa.base_url.replace("127.0.0.1", "localhost"))
    set_up.environment.setenv("NO_PROXY", "localhost")


def proxy_that_answers_itself(set_up: SetUp) -> None:
    # AWS of the test knows no such path, and answers with a web page.
    set_up.environment.setenv("HTTP_PROXY", set_up.signa.base_url.removesuffix("/v1"))
    set_up.environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.2:9/elsewhere")
    set_up.environment.setenv("NO_PROXY", "127.0.0.1")


def base_url_without_tls(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", set_up.signa.base_url.replace("http:", "https:"))


def clock_that_aws_alone_refuses(set_up: SetUp) -> None:
    late = "Signature expired: 20261125T080000Z is now earlier than 20261125T085500Z (20261125T090000Z - 5 min.)"
    set_up.aws.refuse["GetCallerIdentity"] = ("SignatureDoesNotMatch", late)


def no_region(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_REGION")


def denied(set_up: SetUp) -> None:
    set_up.aws.decisions["secretsmanager:CreateSecret"] = "implicitDeny"


def denied_without_iam(set_up: SetUp) -> None:
    set_up.aws.refuse["SimulatePrincipalPolicy"] = ("AccessDenied", "not authorized to perform: iam:Simulate…")
    set_up.aws.refuse["DescribeSecret"] = ("AccessDeniedException", "because no identity-based policy allows it")


def denied_explicitly(set_up: SetUp) -> None:
    set_up.aws.decisions["secretsmanager:PutSecretValue"] = "explicitDeny"


def expired_credentials(set_up: SetUp) -> None:
    set_up.aws.refuse["GetCallerIdentity"] = ("ExpiredToken", "The security token included in the request is expired")


def no_credentials(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_ACCESS_KEY_ID")


def account_of_others(set_up: SetUp) -> None:
    set_up.stack({"aws:allowedAccountIds": '["999999999999"]'})


def no_cli(set_up: SetUp) -> None:
    (set_up.bin / "pulumi").unlink()


def old_cli(set_up: SetUp) -> None:
    set_up.pulumi(says="v3.215.0")


def broken_cli(set_up: SetUp) -> None:
    script(set_up.bin / "pulumi", "#!/bin/sh\necho 'error while loading libc.so.6' >&2\nexit 127\n")


def no_language_host(set_up: SetUp) -> None:
    (set_up.bin / "pulumi-language-python").unlink()
    set_up.pulumi(about="no language plugin '\\''pulumi-language-python'\\'' found in the workspace")


def virtualenv_without_the_package(set_up: SetUp) -> None:
    python = set_up.project / ".venv/bin/python"
    python.unlink()
    venv.create(set_up.project / ".venv", symlinks=True)


def no_virtualenv(set_up: SetUp) -> None:
    (set_up.project / ".venv/bin/python").unlink()


def stack_of_another_organization(set_up: SetUp) -> None:
    set_up.stack(resources=(resource(ID),))


def read_only_home(set_up: SetUp) -> None:
    # The kernel refuses files there, even to root.
    set_up.environment.setenv("PULUMI_HOME", "/proc/sys/pulumi")


def home_that_is_a_file(set_up: SetUp) -> None:
    file = set_up.project / "file"
    file.touch()
    set_up.environment.setenv("HOME", str(file))


def wrong_passphrase(set_up: SetUp) -> None:
    set_up.pulumi_refuses("incorrect passphrase")


def back_end_out_of_reach(set_up: SetUp) -> None:
    set_up.pulumi_refuses("could not open back end")


def project_that_is_no_yaml(set_up: SetUp) -> None:
    (set_up.project / "Pulumi.yaml").write_text("runtime: {")


BROKEN: dict[Callable[[SetUp], None], tuple[str, str, str]] = {
    no_key: ("API key", "no Signa API key", "pulumi config set --secret signa:apiKey"),
    malformed_key: ("API key", "SIGNA_API_KEY is malformed: it begins with sig_", "copy it again"),
    wrong_key: ("key accepted", "Signa answered 401", "the key from SIGNA_API_KEY is whole and not revoked"),
    missing_scope: ("scope", "lacks portfolios:manage", "give the key from SIGNA_API_KEY this scope"),
    missing_plan: ("plan", "plan has no webhooks", "change the plan"),
    base_url_without_version: ("base URL", "is not Signa's API: it answered 404", "/v1 included"),
    base_url_of_a_web_page: ("base URL", "with a web page", "set the base URL (SIGNA_BASE_URL"),
    base_url_over_http: ("configuration", "SIGNA_BASE_URL must be https", "take it out: there is a default"),
    base_url_where_nobody_is: ("connection", "cannot reach 127.0.0.1:9", "check the network"),
    proxy: ("connection", "through HTTP_PROXY", "check HTTP_PROXY, or name localhost in NO_PROXY"),
    proxy_of_everything: ("connection", "through HTTP_PROXY", "check HTTP_PROXY, or name 127.0.0.1 in NO_PROXY"),
    proxy_of_aws: ("AWS identity", "through HTTP_PROXY", "check HTTP_PROXY"),
    proxy_that_answers_itself: ("AWS identity", "(through HTTP_PROXY)", "check HTTP_PROXY, or name AWS's hosts"),
    base_url_without_tls: ("connection", "TLS with 127.0.0.1", "speaks no TLS: check the base URL"),
    clock_that_aws_alone_refuses: ("AWS identity", "AWS refuses the clock: the clock of this", "timedatectl set-ntp"),
    no_region: ("AWS region", "no AWS region", "set AWS_REGION"),
    denied: ("AWS permissions", "no policy allows secretsmanager:CreateSecret", '"Action": ["secretsmanager:Create'),
    denied_without_iam: (
        "AWS permissions",
        "AccessDeniedException to DescribeSecret",
        '"secretsmanager:DescribeSecret"',
    ),
    denied_explicitly: ("AWS permissions", "a policy denies secretsmanager:PutSecretValue", "take out the deny"),
    expired_credentials: ("AWS identity", "ExpiredToken", "log in with the AWS CLI"),
    no_credentials: ("AWS identity", "no AWS credentials", "set AWS_PROFILE"),
    account_of_others: ("AWS account", "account 123456789012, which aws:allowedAccountIds", "check AWS_PROFILE"),
    no_cli: ("Pulumi CLI", "no `pulumi` on PATH", "https://www.pulumi.com/docs/install"),
    old_cli: ("Pulumi CLI", "is v3.215.0: too old", "install 3.216.0 or newer"),
    broken_cli: ("Pulumi CLI", "does not work: error while loading libc.so.6", "install it anew"),
    no_language_host: ("language host", "pulumi-language-python is neither", "install Pulumi's whole archive"),
    virtualenv_without_the_package: ("virtualenv", "does not have the package", "pip install pulumi-signa"),
    no_virtualenv: ("virtualenv", "is no virtualenv", "pulumi install"),
    stack_of_another_organization: ("organization", "the key is of another organization", "SIGNA_API_KEY"),
    wrong_passphrase: ("stack", "incorrect passphrase", "set PULUMI_CONFIG_PASSPHRASE"),
    back_end_out_of_reach: ("stack", "could not open back end", "log in to its back end"),
    project_that_is_no_yaml: ("project", "Pulumi.yaml cannot be read", "check that it is YAML"),
    read_only_home: ("Pulumi's home", "/proc/sys/pulumi cannot be written", "set PULUMI_HOME"),
    home_that_is_a_file: ("Pulumi's home", "file/.pulumi cannot be written", "set PULUMI_HOME"),
}


@contextmanager
def signa_elsewhere() -> Iterator[str]:
    """Run Signa in a process of its own, whose clock is right, and return the base URL."""
    command = [sys.executable, "-m", "signa_emulator", "--port", "0", "--api-key", API_KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.mark.parametrize("hours", [1, -1])
def test_clock_that_is_off_by_an_hour_is_the_one_problem(hours: int, set_up: SetUp) -> None:
    with signa_elsewhere() as base_url:
        set_up.environment.setenv("SIGNA_BASE_URL", base_url)
        with time_machine.travel(datetime.now(timezone.utc) + timedelta(hours=hours)):
            found = set_up.examined()

    assert [finding.subject for finding in found.values() if finding.verdict == "problem"] == ["clock"]
    assert f"{'ahead of' if hours > 0 else 'behind'} the server's clock: AWS refuses requests" in found["clock"].found
    assert "timedatectl set-ntp true" in found["clock"].remedy
    # AWS would refuse everything for the same reason.
    assert found["AWS identity"].found == "needs: clock"
    assert set_up.aws.asked == []


def test_aws_tells_the_clock_where_signa_does_not(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", f"{DEAD}/v1")
    late = "Signature expired: 20261125T080000Z is now earlier than 20261125T085500Z (20261125T090000Z - 5 min.)"
    set_up.aws.refuse["GetCallerIdentity"] = ("SignatureDoesNotMatch", late)

    found = set_up.examined()

    assert {name for name, finding in found.items() if finding.verdict == "problem"} == {"connection", "clock"}
    assert found["clock"].found == "AWS refuses it: the clock of this machine is 1:00:00 behind"
    assert "timedatectl" in found["clock"].remedy


def test_virtualenv_is_asked_itself(set_up: SetUp) -> None:
    script(set_up.project / ".venv/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')

    found = set_up.examined()

    assert found["virtualenv"].verdict == "ok"
    assert found["virtualenv"].found.startswith(found["versions"].found)


def test_healthy_set_up_has_neither_a_problem_nor_a_warning(set_up: SetUp) -> None:
    found = set_up.examined()

    assert {finding.verdict for finding in found.values()} == {"ok"}


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda break_it: break_it.__name__)
def test_cause_is_the_one_problem_and_the_remedy_is_named(break_it: Callable[[SetUp], None], set_up: SetUp) -> None:
    subject, cause, remedy = BROKEN[break_it]
    break_it(set_up)

    found = set_up.examined()

    assert [finding.subject for finding in found.values() if finding.verdict in ("problem", "warning")] == [subject]
    assert cause in found[subject].found
    assert remedy in found[subject].remedy
    assert "\n" not in found[subject].found + found[subject].remedy


@pytest.mark.parametrize(
    "break_it",
    [wrong_passphrase, back_end_out_of_reach, project_that_is_no_yaml, no_cli, old_cli, read_only_home],
    ids=lambda break_it: break_it.__name__,
)
def test_what_an_unreadable_stack_may_set_is_no_second_problem(
    break_it: Callable[[SetUp], None], set_up: SetUp
) -> None:
    for name in ("SIGNA_API_KEY", "SIGNA_BASE_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        set_up.environment.delenv(name)
    break_it(set_up)

    found = set_up.examined()

    assert [name for name, finding in found.items() if finding.verdict == "problem"] == [BROKEN[break_it][0]]
    # Production is not asked either: the stack may have another base URL.
    after = [*found][[*found].index("stack") + 1 :]
    assert {name: found[name].found for name in after} == {
        **dict.fromkeys(after, "needs: stack"),
        "clock": "no answer told the time",
    }
    assert set_up.aws.asked == []


def test_key_of_the_environment_alone_is_sent_to_nobody(set_up: SetUp) -> None:
    wrong_passphrase(set_up)
    set_up.environment.delenv("SIGNA_BASE_URL")

    found = set_up.examined()

    assert found["API key"].verdict == "ok"
    assert found["connection"].found == "needs: stack"


def test_stack_may_have_another_server_for_an_account_than_the_environment_for_all(set_up: SetUp) -> None:
    wrong_passphrase(set_up)
    set_up.environment.setenv("SIGNA_API_KEY_EU", API_KEY)

    of_all = set_up.examined("--account", "eu")
    set_up.environment.setenv("SIGNA_BASE_URL_EU", set_up.signa.base_url)
    its_own = set_up.examined("--account", "eu")

    assert of_all["connection"].found == "needs: stack"
    assert its_own["key accepted"].verdict == "ok"


def test_server_of_the_environment_is_reached_without_the_key_of_an_unreadable_stack(set_up: SetUp) -> None:
    wrong_passphrase(set_up)
    set_up.environment.delenv("SIGNA_API_KEY")

    found = set_up.examined()

    assert (found["connection"].verdict, found["base URL"].verdict) == ("ok", "ok")
    assert found["key accepted"].found == "needs: stack"
