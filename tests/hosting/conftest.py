"""A plugin of the dynamic host, for what both hosts share."""

from providers.conftest import engine_socket, plugin

__all__ = ["engine_socket", "plugin"]
