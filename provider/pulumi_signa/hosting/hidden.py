"""
Hidden properties: what a resource is to its stack, beside what a program declares of it.

Names that begin with two underscores show in no preview, and never count as a change. The dynamic host tells a provider
neither the URN nor the options of a resource, so the program passes both; the native host adds what the program leaves
out. A state has them whichever host has written it.
"""

URN = "__urn"
"""The resource's URN, its identity over all runs, in the one form that both hosts derive keys from."""

STACK = "__stack"
"""
The identity of the stack that the resource belongs to; absent in the state of older code, and where a run was told to
leave the identity out (`--target`).
"""

RANDOM_KEY = "__random_key"
"""True where a replacement must make a second object while the first one still lives."""

HIDDEN = (URN, STACK, RANDOM_KEY)

PROVIDER = "__provider"
"""The dynamic host's own property in every bag; no other host has it."""
