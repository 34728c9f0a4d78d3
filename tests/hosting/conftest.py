"""A plugin of the dynamic host, for what both hosts share."""

from providers.conftest import fake_engine, plugin

__all__ = ["fake_engine", "plugin"]
