"""Which member made a model unwritable: found after the fact, so that it costs nothing while nothing is wrong.

The search goes from the outermost model inwards and looks at each value once, so its time is linear at any nesting.
Each plain value is tried on an empty message, which says what protobuf takes. No ``to_flyte_idl`` of others runs
again: an error that one raised carries the value that raised it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from flytekit_models import convert
from flytekit_models.convert import is_message
from flytekit_models.errors import FlyteIdlTooOld, OneofConflict
from flytekit_models.messages import too_old
from flytekit_models.model.changes import oneof_conflict, takes_the_oneof
from flytekit_models.model.checking_json import WrongJson, has_surrogate, surrogate, wrong_json
from flytekit_models.model.description import Field, describe
from flytekit_models.model.entities import items_of, mapping_of
from flytekit_models.model.state import ModelState, is_model, message_class
from flytekit_models.shown import shown

_CHECK_ERRORS = (TypeError, ValueError, AttributeError, OverflowError)

_NOBODY = object()

_INTS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_INTS |= {"sint32": _INTS["int32"], "sint64": _INTS["int64"], "sfixed32": _INTS["int32"], "sfixed64": _INTS["int64"]}
_INTS |= {"fixed32": _INTS["uint32"], "fixed64": _INTS["uint64"]}

_PLAIN = {"bool": "bool", "bytes": "bytes", "double": "float", "float": "float", "string": "str"}


class _Path(NamedTuple):
    """Where a value is; made into text only for the one that is wrong."""

    before: _Path | None
    part: str

    def text(self) -> str:
        parts: list[str] = []
        at: _Path | None = self
        while at is not None:
            parts.append(at.part)
            at = at.before
        whole = "".join(reversed(parts))
        return whole if len(whole) <= 2000 else f"{whole[:1000]} ... {whole[-1000:]}"


class _Inside(NamedTuple):
    """A model inside, to be checked in its turn."""

    model: ModelState
    at: _Path


def explain(model: ModelState, error: Exception) -> Exception:
    """The *error* of writing *model*, with the path to the member and what was expected of it.

    An error that came out of somebody's own ``to_flyte_idl`` is given back as it is, unless it is explained itself.
    """
    found = _find(model, error)
    if found is None:
        if isinstance(error, FlyteIdlTooOld) or type(model)._fm_write is not model._fm_generated._fm_write:
            return error
        found = _Problem(_Path(None, type(model).__name__), error)
    explained = found.explained()
    if explained is not error:
        explained.__dict__["_fm_explains"] = type(model).__name__
    return explained


class _Problem(NamedTuple):
    """What is wrong where."""

    at: _Path
    error: Exception

    def explained(self) -> Exception:
        """The error with its path."""
        if isinstance(self.error, FlyteIdlTooOld):
            return self.error
        text = shown_text(str(self.error))
        inner = self.error.__dict__.get("_fm_explains")
        if inner is not None and text.startswith(inner):
            # Explained already, as a model of its own that is somewhere in this one.
            text = self.at.text() + text[len(inner) :]
        elif "_fm_raised_by" in self.error.__dict__ and not self.error.__dict__.get("_fm_refused"):
            return self.error
        else:
            text = f"{self.at.text()}: {text}"
        kind = ValueError if isinstance(self.error, (ValueError, OverflowError)) else TypeError
        return (OneofConflict if isinstance(self.error, OneofConflict) else kind)(text)


def shown_text(text: str) -> str:
    """An error's *text*, cut if it is long."""
    return text if len(text) <= 1000 else f"{text[:700]} ... {text[-200:]}"


def _find(model: ModelState, error: Exception) -> _Problem | None:
    """The first thing in *model* that cannot be written."""
    checks = [_check(model, _Path(None, type(model).__name__), error)]
    # One that is in several places, or in itself, is wrong in the first of them. They are held, so that each has an
    # identity of its own.
    seen = {id(model): model}
    while checks:
        found = next(checks[-1], None)
        if found is None:
            checks.pop()
        elif isinstance(found, _Problem):
            return found
        elif id(found.model) not in seen:
            seen[id(found.model)] = found.model
            checks.append(_check(found.model, found.at, error))
    return None


def _check(model: ModelState, at: _Path, error: Exception) -> Iterator[_Problem | _Inside]:
    """What is wrong with the members of *model*, and the models inside it, in the order of its members."""
    if model._fm_unread:
        return
    generated = model._fm_generated
    description = describe(generated)
    scratch = message_class(generated)()
    known = scratch.DESCRIPTOR.fields_by_name
    for field in description.fields:
        value = _value(model, field)
        here = _Path(at, f".{field.member}")
        if field.number and type(model) is generated and not hasattr(model, model._fm_slots[field.member]):
            yield _Problem(here, TypeError("has no value: the constructor did not run, or it was deleted"))
        if value is None or field.number == 0:
            continue
        if field.name not in known:
            if value:
                yield _Problem(here, too_old(description, field.member, generated.__qualname__))
        elif field.inner is not None:
            part = getattr(scratch, field.name)
            yield from _check_member(field.inner, value, here, part, error, generated)
        else:
            yield from _check_member(field, value, here, scratch, error, generated)
    for oneof, arms in description.oneofs.items():
        set_arms = [arm for arm in arms if takes_the_oneof(arm, _value(model, arm))]
        if len(set_arms) > 1:
            yield _Problem(at, oneof_conflict(model, oneof))


def _value(model: ModelState, field: Field) -> Any:
    """What is written for a member: a subclass may override its property."""
    cls, generated = type(model), model._fm_generated
    if cls is not generated and getattr(cls, field.property_name, None) is not getattr(
        generated, field.property_name, None
    ):
        try:
            return getattr(model, field.property_name)
        except Exception:
            return None
    return getattr(model, model._fm_slots[field.member], None)


def _check_member(
    field: Field, value: Any, at: _Path, scratch: Any, error: Exception, generated: type[ModelState]
) -> Iterator[_Problem | _Inside]:
    if field.kind == "wrapper" and scratch.DESCRIPTOR.fields_by_name[field.name].message_type is None:
        # An older flyteidl has it as a plain value.
        plain = field.type.rpartition(".")[2].removesuffix("Value").lower()
        field = replace(field, kind="scalar", type=plain)
    check = _Check(field, scratch, error, generated)
    if field.label == "map" or field.kind == "key-values":
        try:
            entries = mapping_of(value).items()
        except (TypeError, ValueError):
            yield _Problem(at, TypeError(f"expected a dict of {check.what}, got {shown(value)}"))
            return
        for key, item in entries:
            wrong = check.key(key)
            if wrong is not None:
                yield _Problem(_Path(at, f"[{shown(key, typed=False)}]"), wrong)
                return
            yield from check.one(item, _Path(at, f"[{shown(key, typed=False)}]"))
    elif field.label == "list":
        try:
            items = list(items_of(value))
        except TypeError as refused:
            hint = "; put it into a list" if "put it into a list" in str(refused) else ""
            yield _Problem(at, TypeError(f"expected a list of {check.what}, got {shown(value)}{hint}"))
            return
        for index, item in enumerate(items):
            yield from check.one(item, _Path(at, f"[{index}]"))
    else:
        yield from check.one(value, at)


_CLASSES: dict[tuple[type[ModelState], str, str], type[ModelState]] = {}
"""The class of each field that holds models; finding one imports its module."""


class _Check:
    """Checks values of one field, each on an empty message."""

    def __init__(self, field: Field, scratch: Any, error: Exception, generated: type[ModelState]) -> None:
        self._field = field
        self._scratch = scratch
        self._error = error
        self._description = describe(generated)
        self._generated = generated

    @property
    def what(self) -> str:
        """What a value of the field is."""
        return _what(self._field, self._scratch)

    def key(self, key: Any) -> Exception | None:
        """What is wrong with the *key* of a map."""
        if self._field.kind == "key-values":
            return None if isinstance(key, str) else TypeError(f"expected a str for the key, got {shown(key)}")
        entries = getattr(self._scratch, self._field.name)
        try:
            if self._is_of_messages:
                entries[key]
            else:
                entries[key] = self._some_value
        except _CHECK_ERRORS as error:
            kind = ValueError if isinstance(error, ValueError) else TypeError
            return kind(f"expected {_scalar_words(self._field.key or '')} for the key, got {shown(key)}")
        self._scratch.ClearField(self._field.name)
        return None

    @property
    def _some_value(self) -> Any:
        entry = self._scratch.DESCRIPTOR.fields_by_name[self._field.name].message_type
        return entry.fields_by_name["value"].default_value

    @property
    def _is_of_messages(self) -> bool:
        return self._field.kind not in ("scalar", "enum")

    def one(self, value: Any, at: _Path) -> Iterator[_Problem | _Inside]:
        """What is wrong with one *value*."""
        if is_model(value) and self._field.kind == "model":
            yield from self._model(value, at)
            return
        if self._error.__dict__.get("_fm_raised_by", _NOBODY) is value:
            yield _Problem(at, self._error)
            return
        if value is None and self._field.label == "list" and self._field.options.get("written") == "none-as-empty":
            return
        try:
            self._try(value)
        except Exception as error:
            yield _Problem(
                at if not isinstance(error, WrongJson) else _Path(at, error.path), self._refusal(value, error)
            )

    def _model(self, value: ModelState, at: _Path) -> Iterator[_Problem | _Inside]:
        cls = type(value)
        if cls._fm_generated is not self._class and describe(cls).message != describe(self._class).message:
            what = f"expected {self.what}, got {cls.__name__}, a model of {describe(cls).message}"
            yield _Problem(at, TypeError(what))
        elif self._error.__dict__.get("_fm_raised_by", _NOBODY) is value:
            yield _Problem(at, self._error)
        elif cls._fm_write is cls._fm_write_own:
            yield _Inside(value, at)

    @property
    def _class(self) -> type[ModelState]:
        key = (self._generated, self._field.name, self._field.type)
        found = _CLASSES.get(key)
        if found is None:
            found = _CLASSES[key] = self._description.resolve(self._field.type)
        return found

    def _try(self, value: Any) -> None:
        field, scratch = self._field, self._scratch
        if field.kind == "key-values":
            part = getattr(scratch, field.name).add()
            part.value = value
        elif field.kind in ("scalar", "enum"):
            if field.label == "list":
                getattr(scratch, field.name).append(value)
            elif field.label == "map":
                probe = getattr(scratch, field.name)
                probe[_some_key(field)] = value
            else:
                setattr(scratch, field.name, value)
        else:
            self._try_message(value)
        scratch.ClearField(field.name)

    def _try_message(self, value: Any) -> None:
        field, scratch = self._field, self._scratch
        part = getattr(scratch, field.name)
        if field.label == "list":
            part = part.add()
        elif field.label == "map":
            part = part[_some_key(field)]
        if part.DESCRIPTOR.full_name in _JSON and not is_message(value):
            wrong = wrong_json(value)
            if wrong is not None:
                raise wrong
        writer = _WRITERS.get(field.kind)
        if "write" in field.options:
            self._description.resolve(field.options["write"])(value, part)
        elif writer is not None:
            writer(value, part)
        elif isinstance(value, Mapping) and not is_message(value) and field.kind == "message":
            part.MergeFrom(type(part)(**value))
        elif hasattr(value, "to_flyte_idl") and not isinstance(value, type):
            # It was written already, or is still to come; it is not asked again.
            return
        elif not is_message(value) or value.DESCRIPTOR.full_name != part.DESCRIPTOR.full_name:
            raise TypeError

    def _refusal(self, value: Any, error: Exception) -> Exception:
        if isinstance(error, WrongJson):
            return error.kind(str(error))
        kind = ValueError if isinstance(error, (ValueError, OverflowError)) else TypeError
        if isinstance(value, str) and has_surrogate(value):
            return ValueError(f"expected {self.what}, got a str with the lone surrogate {surrogate(value)}")
        said = str(error)
        if said.startswith(("expected steps", "expected a datetime that")):
            # A conversion that knows better than the field what it takes.
            return kind(said if ", got " in said else f"{said}, got {shown(value)}")
        if isinstance(value, Mapping) and self._field.kind == "message" and said:
            return kind(f"expected {self.what}, or a dict of its fields: {said[:300]}")
        got = f"the class {value.__name__} itself, not an instance" if isinstance(value, type) else shown(value)
        return kind(f"expected {self.what}, got {got}")


_JSON = frozenset(f"google.protobuf.{name}" for name in ("ListValue", "Struct", "Value"))

_WRITERS = {
    "any": convert.write_any,
    "datetime": convert.write_datetime,
    "list-value": convert.write_list_value,
    "naive-datetime": convert.write_datetime,
    "struct": convert.write_struct,
    "timedelta": convert.write_timedelta,
    "value": convert.write_value,
    "wrapper": convert.write_wrapped,
}


def _some_key(field: Field) -> Any:
    return {"string": "", "bool": False}.get(field.key or "", 0)


def _scalar_words(kind: str) -> str:
    if kind in _INTS:
        low, high = _INTS[kind]
        return f"int in the range of the field, {low} to {high}"
    return _PLAIN[kind]


def _what(field: Field, scratch: Any) -> str:
    """What a value of *field* is."""
    if field.kind == "scalar":
        return _scalar_words(field.type)
    descriptor = scratch.DESCRIPTOR.fields_by_name[field.name]
    if field.kind == "key-values":
        return "str"
    if descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry:
        descriptor = descriptor.message_type.fields_by_name["value"]
    if descriptor.enum_type is not None:
        choices = [f"{value.name} ({value.number})" for value in descriptor.enum_type.values]
        some = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
        return f"int of the enum {descriptor.enum_type.full_name}: {some}"
    name = descriptor.message_type.full_name
    return {
        "datetime": f"a datetime or a {name}",
        "naive-datetime": f"a datetime or a {name}",
        "timedelta": f"a timedelta or a {name}",
        "struct": f"a dict or a {name}",
        "list-value": f"a list or a {name}",
        "value": "a JSON value",
        "any": f"a message to pack into a {name}",
        "wrapper": f"the value of a {name}, or one",
    }.get(field.kind, f"a model or message of {name}")
