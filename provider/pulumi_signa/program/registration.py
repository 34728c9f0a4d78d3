"""
How our resources are registered, and how a program reads their outputs.

The SDK makes four futures for each property that it registers, which in a large stack costs more than all else. So only
what a program declares is registered, and what a resource names besides. Any other output is read from the engine when
the program asks for it, as the SDK reads a resource that exists (`ResourceOptions(urn=…)`). The engine is asked once a
resource, and asks neither Signa nor AWS. In a preview such an output is unknown wherever a registered one would be.
"""

from __future__ import annotations

import contextvars
import functools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import pulumi
from pulumi.dynamic import dynamic

from pulumi_signa.program import cancellation
from pulumi_signa.program.arguments import existing_id
from pulumi_signa.program.dynamic_host import DYNAMIC, DynamicHost

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Row

OfClass = TypeVar("OfClass", bound="Registered")

_FRAMES_OF_THE_SDK = 4  # `_get_stack_trace`, `register_resource`, and two constructors
_FRAMES_OF_OURS = 3  # `_initialize`, `_register`, and the constructor of the resource
_NOT_THE_USER = ("pulumi.", "asyncio.", "runpy", "concurrent.")


class Registered(dynamic.Resource):
    """
    The base of our resources.

    A subclass names its outputs with their types in a class of their own: the SDK evaluates the annotations of a
    resource's own class again for each resource, and those of its bases never. Numbers arrive as floats, so a number
    that is registered is annotated in the resource's class too.

    Attributes:
        provider: The dotted path of the class of the dynamic provider, which the plugin loads and the program does not.
        rows: The rows of the inputs.
        options: Options that a program may override.
        secrets: The outputs that are Pulumi secrets.
        anchor: An input that is required: when the engine knows the output of this name, it knows the others.
        host: What the program says to the host of the resource.
    """

    provider: ClassVar[str]
    rows: ClassVar[Mapping[str, Row]]
    options: ClassVar[pulumi.ResourceOptions]
    secrets: ClassVar[tuple[str, ...]]
    anchor: ClassVar[str]
    host: ClassVar[DynamicHost] = DYNAMIC
    type_token: ClassVar[str]

    _view: ClassVar[type[_View]]

    _defaults: ClassVar[pulumi.ResourceOptions]

    def __init_subclass__(cls, outputs: type, **token: str) -> None:
        """Make an attribute of each output, and the class that reads them."""
        super().__init_subclass__(**token)
        cls.type_token = f"{cls.host.types}{cls.__name__}"
        aliases = pulumi.ResourceOptions(aliases=[cls.host.alias(cls.__name__)])
        cls._defaults = pulumi.ResourceOptions.merge(cls.options, aliases)
        annotations = {cls.host.name(name): type_ for name, type_ in outputs.__annotations__.items()}
        cls._view = type(f"{cls.__name__}View", (_View,), {"__annotations__": annotations, "__module__": __name__})
        for name in outputs.__annotations__:
            setattr(cls, name, _Output(name, cls.host, cls.rows.get(name), is_secret=name in cls.secrets))

    def _register(
        self, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions, also: tuple[str, ...] = ()
    ) -> None:
        """
        Register the properties that are not None, and these outputs `also`.

        The constructor of the resource's class has to call this method itself: the SDK takes the caller of the third
        `__init__` for the place in the program that declares the resource.
        """
        self.host.check_settings(opts, is_for_aws=False)
        given = {key: value for key, value in properties.items() if value is not None}
        hidden = self.host.hidden(name, self.type_token, opts.parent)
        with _only_frames_of_the_user():
            self._initialize(name, {**dict.fromkeys(also), **given, **hidden}, opts)

    @classmethod
    def _read(  # noqa: PYI019 - `Self` came with Python 3.11
        cls: type[OfClass],
        name: str,
        id_: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None,
        *,
        form: str,
        **known: str | None,
    ) -> OfClass:
        """
        Read an object that exists by its id, and register all outputs.

        Args:
            form: How an id looks.
            known: What has to be known to find the object, by property.
        """
        resource = f"{cls.__name__}.get({name!r})"
        existing_id(resource, id_, form=form)
        opts = cls.host.options(resource, opts, instead_of_import="take it out, for get imports nothing")
        cls.host.check_settings(opts, is_for_aws=False)
        found = cls.__new__(cls)
        by_id = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id_))
        found._initialize(name, {**dict.fromkeys(cls._view.__annotations__), **known}, by_id)  # noqa: SLF001 - of this class
        return found

    def _initialize(self, name: str, properties: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        properties = {**self.host.properties(properties, self.rows), **self.host.reference(self.provider)}
        merged = self.host.renamed(pulumi.ResourceOptions.merge(self._defaults, opts))
        if opts.aliases:
            merged.aliases = [*(merged.aliases or ()), *self.host.aliases(type(self).__name__, opts.aliases)]
        self._run = contextvars.copy_context()
        pulumi.CustomResource.__init__(self, self.type_token, name, properties, merged)

    @functools.cached_property
    def _state(self) -> pulumi.Output[_View]:
        """The outputs as the engine has them."""
        cancellation.show_in_one_line()
        # The engine is not asked for a resource whose creation has failed: its URN is known, its outputs are not. Nor
        # for one that was left out because another has failed: its inputs are known, its id is not.
        known = pulumi.Output.all(self.urn, pulumi.Output.unsecret(self.__dict__[self.host.name(self.anchor)]), self.id)
        # Another test module may have set other mocks since, which know nothing of this resource.
        return known.apply(lambda values: self._run.run(self._view, self.type_token, self._name, values[0]))


class _View(pulumi.CustomResource):
    """A resource that is registered already, read from the engine; a subclass has the annotations of the outputs."""

    def __init__(self, type_token: str, name: str, urn: str) -> None:
        super().__init__(type_token, name, dict.fromkeys(type(self).__annotations__), pulumi.ResourceOptions(urn=urn))


class _Output:
    """An attribute: the output that the SDK has registered, or the one that the engine is asked for."""

    def __init__(self, name: str, host: DynamicHost, row: Row | None, *, is_secret: bool) -> None:
        self._name = name
        self._key = f"_{name}_of_program"
        self._host = host
        self._row = row
        self._is_secret = is_secret

    def __get__(self, resource: Registered | None, owner: type) -> Any:
        """Return the output. The SDK puts the registered ones into the dictionary of the instance."""
        if resource is None:
            return self
        attributes = resource.__dict__
        if self._key not in attributes:
            name = self._host.name(self._name)
            output = attributes.get(name)
            if output is None:
                output = resource._state.apply(lambda state: getattr(state, name))  # noqa: SLF001 - of this module
            if self._row is not None and self._row.members is not None:
                output = pulumi.Output.from_input(output).apply(lambda value: self._host.value(value, self._row))
            # The engine's marks come with the real values; in previews and under mocks these have to do.
            attributes[self._key] = pulumi.Output.secret(output) if self._is_secret else output
        return attributes[self._key]

    def __set__(self, resource: Registered, value: object) -> None:
        """Refuse; with this method, Python looks here before it looks into the dictionary of the instance."""
        raise AttributeError(f"{self._name} is an output, and cannot be set")


@contextmanager
def _only_frames_of_the_user() -> Iterator[None]:
    """
    Let the SDK see no frames beyond those of the user's program.

    The SDK sends the whole stack with each resource, and the engine writes it into the state, where the frames of
    Python's start and of the event loop would take more room than the resource. `sys.tracebacklimit` bounds
    what `traceback.extract_stack` returns.
    """
    constructor = sys._getframe(3)  # noqa: SLF001 - the documented way; below it: this function, contextlib, `_register`
    count = _FRAMES_OF_THE_SDK + _FRAMES_OF_OURS
    caller = constructor.f_back
    while caller is not None and not caller.f_globals.get("__name__", "").startswith(_NOT_THE_USER):
        count, caller = count + 1, caller.f_back
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = count
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
