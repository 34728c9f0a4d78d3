"""
The arguments and options that a program passes to a resource, before the SDK serializes them.

The SDK ends in a traceback of its own where it cannot serialize a value, and never names the resource. Pulumi passes
over an option that a dynamic provider cannot carry out. So both are looked at in the constructor; what a property may
say is checked in the plugin (`lifecycle/*/schema.py`), with the values that are not known before.
"""

import inspect
import sys
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import pulumi
from pulumi.output import Unknown

from pulumi_signa.organizations import ACCOUNT_NAME

_PLAIN = (bool, float, type(None), Unknown)
_LARGEST = int(sys.float_info.max)


class ArgumentError(pulumi.RunError, TypeError, ValueError):
    """An argument or option is refused; one line that names the resource. Pulumi shows it without a traceback."""


def sendable(resource: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return properties as the SDK can send them: sets as sorted lists, and string enumerations as their strings.

    Args:
        resource: What a message calls the resource, such as `WebhookEndpoint('alerts')`.

    Raises:
        ArgumentError: A value, or a part of one, is of a type that Pulumi cannot send.
    """
    return {name: _property(f"{resource}: {name}", value) for name, value in properties.items()}


def required(resource: str, **arguments: object) -> None:
    """Refuse arguments that are None; an output that turns out to be None is refused when the resource is created."""
    for name, value in arguments.items():
        if value is None:
            raise ArgumentError(f"{resource}: {name} is required, and is None")


def existing_id(resource: str, id_: object, *, form: str) -> None:
    """Refuse an id of what is to be read that is missing or no string; `form` says how the id looks."""
    if not id_:
        raise ArgumentError(f"{resource}: the id is missing; it {form}")
    if not isinstance(id_, str | pulumi.Output) and not inspect.isawaitable(id_):
        raise ArgumentError(f"{resource}: the id must be a string, not {_kind(id_)}; it {form}")


def account_name(resource: str, account: object) -> None:
    """Refuse a name of an organization that is no such name, or not known before the program has run."""
    if account is None:
        return
    if not isinstance(account, str):
        raise ArgumentError(
            f"{resource}: account must be a string that is known when the program runs, not {_kind(account)}"
        )
    if not ACCOUNT_NAME.fullmatch(account):
        raise ArgumentError(
            f"{resource}: account must be the name of an organization in signa:accounts: letters, digits, - and _, "
            "beginning with a letter"
        )


def options(resource: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """
    Return the options of a resource, and warn of `custom_timeouts`, which have no effect.

    Raises:
        ArgumentError: The argument holds no options.
    """
    if opts is None:
        return pulumi.ResourceOptions()
    if not isinstance(opts, pulumi.ResourceOptions):
        raise ArgumentError(f"{resource}: opts must be pulumi.ResourceOptions, not {_kind(opts)}")
    if opts.custom_timeouts is not None:
        pulumi.log.warn(
            f"{resource}: custom_timeouts have no effect on these resources; signa:maxWaitSeconds bounds what a call "
            "to Signa waits"
        )
    return opts


def _property(place: str, value: Any) -> Any:
    try:
        return _sendable(place, value)
    except RecursionError:
        raise ArgumentError(f"{place}: is nested too deep for Pulumi, or holds itself") from None


def _sendable(place: str, value: Any) -> Any:
    if isinstance(value, str):
        return _text(place, value.value if isinstance(value, Enum) else value)
    if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        raise ArgumentError(f"{place}: the number is too large for Pulumi; pass it as a string")
    if isinstance(value, (*_PLAIN, int, pulumi.Output)) or inspect.isawaitable(value):
        return value
    if isinstance(value, Mapping):
        return {_key(place, key): _sendable(place, item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        # A set has no order of its own, and another order would be a change.
        return sorted((_sendable(place, item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_sendable(place, item) for item in value]
    raise ArgumentError(f"{place}: cannot be {_kind(value)}{_way_out(value)}")


def _text(place: str, text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ArgumentError(f"{place}: holds half of a surrogate pair, which UTF-8 cannot write") from None
    return text


def _key(place: str, key: object) -> str:
    if not isinstance(key, str):
        raise ArgumentError(f"{place}: every key must be a string, not {_kind(key)}")
    return _text(place, key.value if isinstance(key, Enum) else key)


def _way_out(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return "; decode it to a string"
    if isinstance(value, pulumi.Resource):
        return "; pass one of its outputs, such as its id"
    if isinstance(value, Enum):
        return f"; pass its value, or derive {type(value).__name__} from str"
    if isinstance(value, Collection) or inspect.isgenerator(value):
        return "; pass a list"
    return "; pass a string, number, boolean, list or dictionary, or an output of these"


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
