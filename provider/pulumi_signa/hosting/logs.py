"""Our log among the engine's diagnostics, where the user asked for it."""

import logging

from pulumi_signa.hosting import engine
from pulumi_signa.hosting.one_line import LOGGER


class _EngineHandler(logging.Handler):
    """Shows each record as one diagnostic. Of a plugin's stderr, the engine makes a diagnostic of each line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        engine.inform(self.format(record), "")


def show_in_engine(level: int | None) -> None:
    """
    Show the records of our logger from a level on; of None, show nothing.

    The root logger stays as it is: at DEBUG, boto3 and urllib3 would log what they send, secrets included.
    """
    if level is not None and not LOGGER.handlers:
        handler = _EngineHandler()
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(level)
