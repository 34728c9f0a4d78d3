"""The stack: its configuration, and what its state says is at Signa and AWS."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi_signa import settings
from pulumi_signa.cli import hosts, projects, pulumi_cli
from pulumi_signa.cli.doctor import project
from pulumi_signa.cli.doctor.setup import Setup
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.findings import Finding, ok, problem, skipped
from pulumi_signa.cli.stacks import ENDPOINT_TYPES
from pulumi_signa.given_settings import unread
from pulumi_signa.setting_rows import NATIVE_KEYS, STACK_KEYS
from pulumi_signa.settings import Place, Settings

SUBJECT = "stack"

_KEY = "SIGNA_API_KEY"
"""How the variables begin that hold an API key."""

_LOG_IN = "log in to its back end, and see that it can be reached (`pulumi whoami --verbose`)"
_REMEDIES = {
    "passphrase": "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to that of the stack",
    "no stack named": "check its name (`pulumi stack ls`)",
    "invalid YAML": "mend the stack's file of settings, `Pulumi.<stack>.yaml`",
}
"""What to do, by a word of what Pulumi's command says."""


class StackReader:
    """
    `StackReader` reads a stack with Pulumi's command.

    Attributes:
        setup: What a run would have, as far as it could be read.
        needs_plugin: Whether the native plugin serves the stack, as far as the stack could be read.
    """

    def __init__(self, folder: Path, stack: str | None, account: str | None, export: Any) -> None:
        """
        Read nothing yet: the settings are those of the environment.

        Args:
            stack: The stack that is read; the selected one for None.
            export: What `pulumi stack export` has printed; it stands in for the stack, whose configuration it lacks.
        """
        self._folder = folder
        self._stack = stack
        self._account = account
        self._export = export
        self._project = projects.known(folder)
        self.needs_plugin = self._project is not None and self._project.runtime != projects.PYTHON
        self.setup = Setup(self._settings({}))

    def findings(self, broken: Collection[str]) -> Iterator[Finding]:
        """Read the stack, and yield whether that went well; nothing is read where something broken is needed."""
        if self._export is not None:
            yield self._known({}, self._export, "an export; only the environment counts beside it")
            return
        if broken:
            self.setup = replace(self.setup, is_partial=True)
            yield skipped(SUBJECT, f"needs: {', '.join(broken)}")
            return
        if self._stack is None and not pulumi_cli.is_in_project(self._folder):
            yield skipped(SUBJECT, f"needs: {project.PROJECT}")
            return
        configuration = None
        try:
            configuration = pulumi_cli.configuration(self._folder, self._stack)
            state = pulumi_cli.exported(self._folder, self._stack)
        except pulumi_cli.NoStackError:
            yield skipped(SUBJECT, "none is selected; only the environment counts", "name one with --stack")
        except CommandError as error:
            self.needs_plugin = self.needs_plugin or hosts.has_native_keys(configuration or {})
            self.setup = Setup(self._settings(configuration or {}), is_partial=configuration is None)
            yield problem(SUBJECT, str(error), _remedy(str(error)))
        else:
            yield self._known(configuration, state, self._stack or "the selected one")

    def _known(self, configuration: Mapping[str, object], state: Any, name: str) -> Finding:
        resources = (state["deployment"] or {}).get("resources") or []
        serving = hosts.of(resources)
        is_meant = hosts.has_native_keys(configuration) and not serving.is_dynamic
        self.needs_plugin = self.needs_plugin or serving.is_native or is_meant
        endpoints = _endpoint_ids(resources, self._account)
        provider = None if serving.is_dynamic else hosts.provider_of_program(resources)
        if provider is not None:
            loaded, hidden_key = _of_provider(provider, self._account)
            self.setup = Setup(loaded, endpoints, _secret_arn(resources), hidden_key=hidden_key)
            return ok(SUBJECT, _said(name, endpoints))
        self.setup = Setup(
            self._settings(configuration),
            endpoints,
            _secret_arn(resources),
            unread=self._unread(configuration),
            unread_aws=tuple(hosts.unread_by_one(configuration, replace(serving, is_native=self.needs_plugin))),
        )
        return ok(SUBJECT, _said(name, endpoints))

    def _settings(self, configuration: Mapping[str, object]) -> Settings:
        is_native = self.needs_plugin or hosts.has_native_keys(configuration)
        place = Place.DEFAULT_PROVIDER if is_native else Place.STACK
        return settings.load(configuration, account=self._account, place=place)

    def _unread(self, configuration: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        name = None if self._project is None else self._project.name
        is_native = self.needs_plugin or hosts.has_native_keys(configuration)
        return tuple(unread(configuration, name, NATIVE_KEYS if is_native else STACK_KEYS))


def _of_provider(provider: Mapping[str, Any], account: str | None) -> tuple[Settings, str]:
    """Return the settings that the arguments of a provider give, and where the key stands that is encrypted there."""
    inputs = provider.get("inputs") or {}
    encrypted = {name for name, value in inputs.items() if isinstance(value, Mapping) and "ciphertext" in value}
    given = {f"signa:{name}": value for name, value in inputs.items() if name not in encrypted}
    holding = "apiKey" if account is None else "accounts"
    is_hidden = holding in encrypted
    # A key of the environment may be another one, and must not be sent in its place.
    environment = {name: value for name, value in os.environ.items() if not (is_hidden and name.startswith(_KEY))}
    loaded = settings.load(given, environment, account, place=Place.EXPLICIT_PROVIDER)
    return loaded, f"{holding} of the provider {provider['urn'].rpartition('::')[2]}" if is_hidden else ""


def _said(name: str, endpoints: Sequence[str]) -> str:
    return f"{name}, with {len(endpoints)} endpoint{'s' * (len(endpoints) != 1)} at Signa"


def _remedy(said: str) -> str:
    return next((remedy for mark, remedy in _REMEDIES.items() if mark in said), _LOG_IN)


def _endpoint_ids(resources: list[Mapping[str, Any]], account: str | None) -> tuple[str, ...]:
    return tuple(
        resource["id"]
        for resource in resources
        if resource["type"] in ENDPOINT_TYPES
        and resource.get("id")
        and (resource.get("outputs") or {}).get("account") == account
    )


def _secret_arn(resources: list[Mapping[str, Any]]) -> str | None:
    outputs = (resource.get("outputs") or {} for resource in resources)
    arns = (each.get(name) for each in outputs for name in ("secret_arn", "secretArn", "arn"))
    return next((arn for arn in arns if isinstance(arn, str) and ":secretsmanager:" in arn), None)
