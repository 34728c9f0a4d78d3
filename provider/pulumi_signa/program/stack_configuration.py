"""
What only the program can see of the stack's configuration: whether a value is a secret, and which keys there are.

The plugin gets every value in plain text, and asks for keys by name.
"""

from collections.abc import Mapping

import pulumi
from pulumi.runtime import config as pulumi_config

from pulumi_signa.given_settings import WITH_KEYS, readable_api_keys, unread
from pulumi_signa.program.arguments import ArgumentError
from pulumi_signa.program.stack_identity import once_a_run
from pulumi_signa.setting_rows import ROWS, STACK_KEYS

# A stack that has resources of both hosts, or moves from one to the other, has both keys of a setting.
_BY_NATIVE_KEY = {row.native_key: row.key for row in ROWS.values() if row.native_key is not None}


@once_a_run
def check_settings_of_signa() -> None:
    """Refuse an API key that is readable, and warn of settings that are not read; raise `ArgumentError`."""
    _refuse_readable_api_key()
    given = _given()
    for key, meant in unread(given, pulumi.get_project()):
        ours = _BY_NATIVE_KEY.get(key)
        if ours is None:
            pulumi.log.warn(f"pulumi-signa does not read {key}; {meant}")
        elif ours not in given:
            pulumi.log.warn(f"the stack's dynamic resources do not read {key}; set {ours} as well")


def _refuse_readable_api_key() -> None:
    """
    Refuse an API key that is not a secret.

    Pulumi only tells whether anything in `signa:accounts` is a secret, so a readable key beside a secret one passes.
    The state encrypts both.

    Raises:
        ArgumentError: The key is in the configuration, and readable there.
    """
    readable = {key: pulumi.runtime.get_config(key) for key in WITH_KEYS if not pulumi.runtime.is_config_secret(key)}
    for problem in readable_api_keys(readable):
        raise ArgumentError(problem)


@once_a_run
def warn_of_aws_settings_not_read() -> None:
    """Warn of the keys of `aws:` that are not read here: whoever sets them for pulumi-aws may count on them."""
    others = sorted(key for key in _given() if key.startswith("aws:") and key not in STACK_KEYS)
    if others:
        read = ", ".join(key for key in STACK_KEYS if key.startswith("aws:"))
        pulumi.log.warn(
            f"pulumi-signa does not read {', '.join(others)}, only {read}: where others matter, use a profile "
            "of AWS's configuration file, or the AWS_* variables of the environment"
        )


def _given() -> Mapping[str, str]:
    """Return the configuration of the stack by full key."""
    return {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
