"""What is peculiar to the host under test, Pulumi's dynamic providers."""

TYPES = "pulumi-python:dynamic/signa:"
"""How the types of our resources begin."""

IDENTITY = f"{TYPES}StackIdentity"
"""The type of the resource that every stack has beside those that its program declares."""

PLUGIN_COMMAND = b"\0pulumi.dynamic\0"
"""Stands in the command line of the plugin's process."""
