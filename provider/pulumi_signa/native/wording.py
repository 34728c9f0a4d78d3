"""What users of every language read: messages with the names that properties and settings have in the native host."""

import re

from pulumi_signa.explanations import PROPERTIES
from pulumi_signa.property_names import camel_case
from pulumi_signa.setting_rows import ROWS

_OF_THE_COMPONENT = ("secret_description", "secret_in_state", "check_delivery")
"""What is an input of the component alone."""

_NAMES = {
    **{name: camel_case(name) for name in (*PROPERTIES, *_OF_THE_COMPONENT) if "_" in name[1:]},
    **{str(row.key): row.native_key for row in ROWS.values() if row.native_key},
}
_NAME = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(_NAMES)))})(?![\w-])")


def worded(text: str) -> str:
    """Return a message with the names of properties, and of the stack's settings, as the native host has them."""
    return _NAME.sub(lambda name: _NAMES[name[0]], text)
