"""What users of every language read: messages of the lifecycle with the properties in them in camelCase."""

import re

from pulumi_signa.explanations import PROPERTIES
from pulumi_signa.property_names import camel_case

_NAMES = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(name for name in PROPERTIES if '_' in name[1:]))})(?![\w-])")


def worded(text: str) -> str:
    """Return a message with the names of properties as the native host has them."""
    return _NAMES.sub(lambda name: camel_case(name[0]), text)
