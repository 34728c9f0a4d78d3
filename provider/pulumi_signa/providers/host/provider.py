"""The base of every provider class."""

import logging
from collections.abc import Iterable

from pulumi import dynamic

from pulumi_signa.inputs import Properties
from pulumi_signa.lifecycle import Warn
from pulumi_signa.providers import settings
from pulumi_signa.providers.host import engine, run
from pulumi_signa.providers.host.errors import LOGGER, check_failures, show_own_errors_in_one_line
from pulumi_signa.providers.host.values import to_host, urn_in


class Provider(dynamic.ResourceProvider):
    """
    A dynamic provider without state of its own.

    The program pickles it into the state of every resource. Without instance attributes that pickle is the name of a
    module and of a class: constant, under 100 bytes, and free of secrets, so it need not be encrypted either. The
    settings come with `configure`, which only the plugin's process calls; four threads share them.
    """

    serialize_as_secret_always = False

    settings: settings.Settings

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Read the settings; what is wrong with them is reported by `check`, and raised where it matters."""
        self.settings = settings.load({key: req.config.get(key) for key in settings.STACK_KEYS})
        show_own_errors_in_one_line()
        run.follow()
        _log_to_stderr(self.settings.log_level)


def checked(declared: Properties, problems: Iterable[str], warnings: Iterable[str]) -> dynamic.CheckResult:
    """Give the result of a check, and show its warnings on the resource."""
    warn = warner(declared)
    for warning in warnings:
        warn(warning)
    return dynamic.CheckResult(to_host(declared), check_failures(problems))


def warner(properties: Properties) -> Warn:
    """Give what shows a warning on the resource that these properties belong to."""
    urn = urn_in([properties])
    return lambda message: engine.warn(message, urn)


def inform(message: str, properties: Properties) -> None:
    """Show what is about to be done on the resource that these properties belong to."""
    engine.inform(message, urn_in([properties]))


def _log_to_stderr(level: int | None) -> None:
    """Show our logger's records where the user asked for them; the engine prints a plugin's stderr."""
    if level is not None and not LOGGER.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(level)
