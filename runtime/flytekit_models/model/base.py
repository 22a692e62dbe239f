"""The bases of the generated classes."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import fields
from functools import cache
from inspect import get_annotations
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar

from flytekit_models._core import MODULE as CORE
from flytekit_models.data.methods import DataMethods
from flytekit_models.entity import public_names
from flytekit_models.enums import IdlEnum, as_member
from flytekit_models.lazy import LazyModule
from flytekit_models.model import engine
from flytekit_models.model.state import ModelState, set_state

if TYPE_CHECKING:
    from typing import Generic

    from flytekit_models import text as _text
    from flytekit_models.model import copying as _copying
else:
    _text = LazyModule("flytekit_models.text")
    _copying = LazyModule("flytekit_models.model.copying")

    class _NoBase:
        """In the place of typing's Generic, which makes each class dearer: at run time, it is no base at all."""

        def __getitem__(self, _: Any) -> Any:
            return self

        def __mro_entries__(self, _: Any) -> tuple[()]:
            return ()

    Generic = _NoBase()


MessageT = TypeVar("MessageT")
ModelT = TypeVar("ModelT", bound="Model[Any]")


class Model(DataMethods, ModelState, Generic[MessageT]):
    """A generated model of one message.

    A generated class says which message it models (``_fm_proto``); all else is the same for every class. The value of
    the member ``x`` has a slot of its own; ``_x`` is the same value for code that reads or sets private attributes, as
    code around flytekit does.
    """

    __slots__ = ()

    if not TYPE_CHECKING:
        _fm_read = engine.first_read

        def __class_getitem__(cls, _: Any) -> Any:
            return cls

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_fm_proto" in cls.__dict__:
            # Past the metaclass, which looks for what others put into a class.
            write = engine.first_write(cls)
            for name, value in (("_fm_generated", cls), ("_fm_write", write), ("_fm_write_own", write)):
                type.__setattr__(cls, name, value)
            if CORE is not None:
                CORE.construct_directly(cls)
        elif hasattr(cls, "_fm_generated"):
            # Loaded with the first subclass of others.
            from flytekit_models.model.subclasses import honour_overrides

            honour_overrides(cls)

    @classmethod
    def _fm_changed(cls, name: str) -> None:
        from flytekit_models.model.subclasses import honour_change

        honour_change(cls, name)

    def to_flyte_idl(self) -> MessageT:
        """Write this model into a new protobuf message.

        Raises:
            TypeError: a member holds a value of a wrong type; the error names it.
            ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
        """
        message: MessageT = engine.to_message(self)
        return message

    if TYPE_CHECKING:
        # Subclasses name the parameter as flytekit does, each its own way: a checker may rely on its place only.
        @classmethod
        def from_flyte_idl(cls: type[ModelT], pb2_object: Any, /) -> ModelT:
            """Read a model from a protobuf message, which may change afterwards without any effect."""
            ...

    else:

        @classmethod
        def from_flyte_idl(cls: type[ModelT], pb2_object: Any) -> ModelT:
            """Read a model from a protobuf message, which may change afterwards without any effect.

            Raises:
                TypeError: it is not the message that this class models.
            """
            return engine.from_message(cls, pb2_object)

    def to_bytes(self) -> bytes:
        """Write this model in protobuf's wire format, deterministically: equal models give equal bytes.

        Unknown fields are an exception: those of one number and several wire types keep the order in which they came.
        Without the compiled core, all of them keep their order and form.

        Raises:
            TypeError: a member holds a value of a wrong type; the error names it.
            ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
        """
        return engine.to_bytes(self)

    @classmethod
    def from_bytes(cls: type[ModelT], data: bytes | bytearray | memoryview) -> ModelT:
        """Read a model from protobuf's wire format.

        Raises:
            TypeError: *data* is not bytes.
            flytekit_models.errors.DecodeError: *data* is no valid message of the type. No later read raises.
        """
        return engine.from_bytes(cls, data)

    def _fm_as_message(self) -> Any:
        return engine.as_message(self)

    def _fm_parts(self) -> _text.WholeMessage:
        from flytekit_models.model.beginning import beginning
        from flytekit_models.model.parts import Parts

        return Parts(beginning(self))

    def _fm_over(self, wire: Any) -> None:
        engine.set_wire(self, wire)

    def __eq__(self, other: object) -> bool:
        return self is other or engine.equal(self, other)

    def __hash__(self) -> int:
        return engine.hash_of(self)

    def __copy__(self) -> Any:
        if self._fm_unread:
            engine.load(self)
        if not _copying.has_own_hooks(self):
            return _copying.twin(self)
        copied = _copying.shallow_copy(self)
        if type(copied) is type(self) and copied._fm_baseline is None:
            # What a member says again may be what the baseline still knows more of.
            set_state(copied, self._fm_baseline, None)
        return copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        if type(self).__reduce__ is not object.__reduce__:
            return self.__reduce__()
        return _copying.reduce(self, engine.save(self))

    def __setstate__(self, state: Any) -> None:
        _copying.restore(self, state)

    def __dir__(self) -> list[str]:
        return public_names(type(self), super().__dir__())


class MemberlessModel(Model[MessageT]):
    """A generated model of a message without fields."""

    __slots__ = ()


class DataclassModel(Model[MessageT]):
    """A model that holds its members as the fields of a dataclass: plain attributes, read at once, freely assigned."""

    __slots__ = ()

    _fm_eager = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_fm_proto" in cls.__dict__:
            # A dataclass is shown by IPython by its __repr__, which is no tree, and gets, since 3.13, a __replace__ of
            # its own, which would lose the baseline.
            cls._repr_pretty_ = DataMethods._repr_pretty_  # type: ignore[method-assign]
            cls.__replace__ = DataMethods.__replace__  # type: ignore[method-assign]
            cls.__annotations__ = types = _annotations(cls)
            given = cls.__init__.__annotations__
            given.update({name: types[name] for name in given if name in types}, **{"return": None})

    def __post_init__(self) -> None:
        if not hasattr(self, "_fm_baseline"):
            # msgspec makes dataclasses past `__new__`.
            set_state(self, None, None)
        # A number is given as what reading gives: the value of the holder.
        for name, holder in _enums(self._fm_generated):
            setattr(self, name, as_member(holder, getattr(self, name)))

    @recursive_repr()
    def __repr__(self) -> str:
        # As dataclasses show themselves, but whatever the fields hold.
        held = vars(self)
        names = [each.name for each in fields(self) if each.repr and each.name in held]  # type: ignore[arg-type]
        return f"{type(self).__qualname__}({', '.join(f'{name}={_repr(held[name])}' for name in names)})"


def _annotations(generated: type[Any]) -> dict[str, Any]:
    """The annotations of *generated* as types: libraries read ``Field.type``, which would be text.

    What names a class that is yet to be made stays text.
    """
    names = {**vars(sys.modules[generated.__module__]), generated.__name__: generated}
    found = get_annotations(generated)
    for name, text in found.items():
        with suppress(NameError):
            found[name] = eval(text, names)
    return found


@cache
def _enums(generated: type[ModelState]) -> list[tuple[str, type[IdlEnum]]]:
    from flytekit_models.model.description import describe

    description = describe(generated)
    found = [field for field in description.fields if field.kind == "enum" and field.label == "one"]
    return [(field.member, description.resolve(field.type)) for field in found]


def _repr(value: Any) -> str:
    try:
        return "\n".join(map(_text.visible, repr(value).split("\n")))
    except Exception as error:
        return f"({type(value).__name__}: its repr raises {type(error).__name__})"
