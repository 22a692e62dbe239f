"""The pure path: for each class, the straight-line functions that read its members from a message and write them.

They are made of the class's description when an instance is first read or written, as dataclasses make their
constructors: a loop over the fields would take twice the time.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Callable
from threading import RLock
from typing import Any

from flytekit_models.model.description import Field, describe
from flytekit_models.model.kinds import KINDS, Kind, Namespace
from flytekit_models.model.state import ModelState, message_class, put

PUBLISHING = RLock()
"""Held while values that were read are put into their slots, and nothing else runs: so no first read undoes what
another thread assigned, or gives out a list twice. A model that is read is never locked again."""

if hasattr(os, "register_at_fork"):
    # A child process has no thread that could release it.
    os.register_at_fork(
        before=PUBLISHING.acquire, after_in_parent=PUBLISHING.release, after_in_child=PUBLISHING.release
    )


def make_reader(generated: type[ModelState]) -> Callable[[Any], None]:
    """The function that reads the members of an unread instance of *generated*."""
    return _Reader(generated).function()


def make_writer(
    generated: type[ModelState],
    write_with_care: Callable[[type[ModelState], Any, Any], None],
    settle_oneof: Callable[[Any, str, int, Any], None],
) -> Callable[[Any, Any], None]:
    """The function that writes an instance of *generated*, or what stands for one, into a message.

    Args:
        generated: the class.
        write_with_care: writes whatever is no built instance of just this class.
        settle_oneof: decides what to do where not one arm of a oneof is set.
    """
    writer = _Writer(generated)
    writer.names |= {"write_with_care": write_with_care, "settle_oneof": settle_oneof}
    return writer.function()


class _Maker:
    def __init__(self, generated: type[ModelState]) -> None:
        self.model = generated
        self.description = describe(generated)
        self.names = Namespace(self.description)
        self.names["Model"] = generated
        self.known = message_class(generated).DESCRIPTOR.fields_by_name
        self.lines: list[str] = []

    def is_known(self, field: Field) -> bool:
        """Whether the installed IDL has the field."""
        return field.name in self.known

    def slot(self, field: Field) -> str:
        """The expression of the member's value."""
        return f"self.{self.model._fm_slots[field.member]}"

    def kind(self, field: Field) -> Kind:
        """The kind of the field's values."""
        return KINDS[field.kind](field, self.names)

    def compile(self, head: str) -> Callable[..., Any]:
        """The function of the lines so far."""
        source = "\n    ".join([head, *self.lines])
        name = f"<{head.split()[1].partition('(')[0]} of {self.model.__module__}.{self.model.__qualname__}>"
        # A plain dict: Python finds no global of a subclass of dict at once.
        names = dict(self.names)
        exec(compile(source, name, "exec"), names)
        made: Callable[..., Any] = names[head.split()[1].partition("(")[0]]
        return made


def _source(field: Field, of: str = "message") -> str:
    return f'getattr({of}, "{field.name}")' if _cannot_be_written(field.name) else f"{of}.{field.name}"


def _assign(field: Field, value: str) -> str:
    if _cannot_be_written(field.name):
        return f'setattr(message, "{field.name}", {value})'
    return f"message.{field.name} = {value}"


def _cannot_be_written(name: str) -> bool:
    """Whether Python refuses the name after a dot."""
    return keyword.iskeyword(name)


class _Reader(_Maker):
    def function(self) -> Callable[[Any], None]:
        fields = list(self.description.fields)
        self.lines.append("message = self._fm_baseline")
        asked = [field.oneof for field in fields if self._asks_for_arm(field)]
        for number, oneof in enumerate(dict.fromkeys(asked)):
            self.names[f"oneof {oneof}"] = f"arm{number}"
            self.lines.append(f'arm{number} = message.WhichOneof("{oneof}")')
        self.lines += [f"value{number} = {self._value(field)}" for number, field in enumerate(fields)]
        # Twice as fast as a with statement.
        self.names |= {"acquire": PUBLISHING.acquire, "release": PUBLISHING.release, "put": put}
        self.lines += ["acquire()", "try:", "    if self._fm_unread:"]
        self.lines += self._published(fields)
        self.lines += ["finally:", "    release()"]
        return self.compile("def read(self):")

    def _published(self, fields: list[Field]) -> list[str]:
        """The statements that put the values where others see them."""
        plain = [f"{self.slot(field)} = value{number}" for number, field in enumerate(fields)]
        if self.model._fm_eager:
            # Attributes like any other: a subclass may refuse them.
            return [*(f"        {each}" for each in plain), '        put(self, "_fm_unread", None)']
        slots = [self.model._fm_slots[field.member] for field in fields]
        strict = [f'put(self, "{slot}", value{number})' for number, slot in enumerate(slots)]
        return [
            "        if self._fm_strict:",
            *(f"            {each}" for each in [*strict, 'put(self, "_fm_unread", False)']),
            "        else:",
            *(f"            {each}" for each in [*plain, "self._fm_unread = False"]),
        ]

    def _asks_for_arm(self, field: Field) -> bool:
        return field.oneof is not None and self.is_known(field) and self._arms(field) > 1

    def _arms(self, field: Field) -> int:
        return sum(1 for arm in self.description.oneofs[field.oneof or ""] if self.is_known(arm))

    def _is_set(self, field: Field) -> str:
        # A lone arm is asked for by its own name: that makes no string.
        if self._asks_for_arm(field):
            return f'{self.names[f"oneof {field.oneof}"]} == "{field.name}"'
        return f'message.HasField("{field.name}")'

    def _value(self, field: Field) -> str:
        if field.number == 0 or not self.is_known(field):
            return self._default(field)
        if "read-message" in field.options:
            reader = self.names.name(field.options["read-message"])
            return f"{reader}(message, {self.names.name(field.type)})"
        source = _source(field)
        if field.kind == "key-values":
            return f"{{item.key: item.value for item in {source}}}"
        if field.kind == "flattened":
            inner = field.inner
            assert inner is not None
            return self.kind(inner).read_map(_source(inner, source))
        kind = self.kind(field)
        if field.label != "one":
            read = kind.read_list(source) if field.label == "list" else kind.read_map(source)
            return f"{read} or None" if field.empty_is_none else read
        if field.kind == "wrapper":
            return f'read_wrapper(message, "{field.name}", {"None" if field.absent == "none" else "False"})'
        read = kind.read(source)
        if kind.plain:
            if field.explicit:
                return f"{read} if {self._is_set(field)} else None" if field.absent == "none" else read
            return f"{read} or None" if field.empty_is_none else read
        if field.empty_is_none:
            return f"{read} if {source}.ByteSize() else None"
        if field.absent == "default":
            return read if field.oneof is None else f"{read} if {self._is_set_or_none_is(field)} else None"
        return f"{read} if {self._is_set(field)} else None"

    def _is_set_or_none_is(self, field: Field) -> str:
        arm = self.names.get(f"oneof {field.oneof}", "None")
        return f'{arm} in (None, "{field.name}")'

    def _default(self, field: Field) -> str:
        """What a member is that the message has no field for: what its constructor makes of what it is not given."""
        if field.label == "list":
            return "None" if field.empty_is_none else "[]"
        if field.label == "map":
            return "None" if field.empty_is_none else "{}"
        return self.names.name_of(_defaults(self.model)[field.member])


class _Writer(_Maker):
    def function(self) -> Callable[[Any, Any], None]:
        self.lines += [
            "if type(self) is not Model or self._fm_baseline is not None:",
            "    write_with_care(Model, self, message)",
            "    return",
        ]
        oneofs = self.description.oneofs
        single = [field for field in self.description.fields if field.oneof is None and field.number]
        counted = [name for name, arms in oneofs.items() if len(arms) > 1]
        shown = any(all(self._shows(arm) for arm in oneofs[name]) for name in counted)
        for field in single:
            self._write(field)
        for number, (name, arms) in enumerate(oneofs.items()):
            self._write_oneof(name, arms, f"arms{number}")
        if not shown:
            # To ask the values costs less than the call.
            written = " or ".join(map(self._is_written, filter(self._shows, single)))
            self.lines.append(f"if not ({written}): message.SetInParent()" if written else "message.SetInParent()")
        return self.compile("def write(self, message):")

    def _shows(self, field: Field) -> bool:
        """Whether the message is present in its parent once the field was written, whatever the value."""
        if not self.is_known(field) or "write" in field.options or field.label != "one" or field.kind not in KINDS:
            return False
        kind = self.kind(field)
        return not getattr(kind, "may_be_nothing", False)

    def _is_written(self, field: Field) -> str:
        """The expression for whether the value of the field is written, and the message present by it."""
        return self.slot(field) if self._may_be_skipped(field) else f"{self.slot(field)} is not None"

    def _write_oneof(self, name: str, arms: tuple[Field, ...], counter: str) -> None:
        several = len(arms) > 1
        if several:
            self.lines.append(f"{counter} = 0")
        for arm in sorted(arms, key=lambda each: "yields" in each.options):
            value, yields = self.slot(arm), arm.options.get("yields")
            guard = f"if {value} is not None:"
            if yields == "always":
                guard = f"if {value} is not None and not {counter}:"
            elif yields == "false":
                guard = f"if {value} or ({value} is not None and not {counter}):"
            self.lines.append(guard)
            if several:
                self.lines.append(f"    {counter} += 1")
            self.lines += [f"    {line}" for line in self._statements(arm, value)]
        if several:
            self.lines += [
                f"if {counter} != 1:",
                f'    settle_oneof(self, "{name}", {counter}, message)',
            ]

    def _write(self, field: Field) -> None:
        value = self.slot(field)
        written = [f"    {line}" for line in self._statements(field, value)]
        if not self.is_known(field):
            is_float = field.kind == "scalar" and field.type in ("double", "float")
            is_set = f"{value} or str({value}) == '-0.0'" if is_float else value
            self.lines += [f"if {value} is not None:" if field.explicit else f"if {is_set}:", *written]
            return
        usual = self._usual_class(field)
        if usual is not None:
            # Others may be false, or have no truth, whatever they hold: an array of numpy.
            self.lines += [f"if {value} if {value}.__class__ is {usual} else {value} is not None:", *written]
            return
        if not self._may_be_skipped(field):
            self.lines += [f"if {value} is not None:", *written]
            return
        self.lines += [f"if {value}:", *written]
        right, refuse = self._check_of_false_value(field, value)
        self.lines += [f"elif {value} is not None and {value}.__class__ is not {right}:", f"    {refuse}"]

    def _usual_class(self, field: Field) -> str | None:
        """The class of what a list or map usually is."""
        if field.label == "map" or field.kind == "key-values":
            return "dict"
        return "list" if field.label == "list" else None

    def _may_be_skipped(self, field: Field) -> bool:
        """Whether a false value of the right type is written as nothing at all."""
        if field.kind in ("flattened", "none"):
            return False
        if KINDS[field.kind].plain:
            # The zero of a float may have a sign.
            return not field.explicit and field.type not in ("double", "float")
        return field.options.get("written") == "truthy"

    def _check_of_false_value(self, field: Field, value: str) -> tuple[str, str]:
        """Of a false value: the class that it has if it is right, and the statement that refuses it if it is wrong."""
        if KINDS[field.kind].plain:
            if field.kind != "scalar":
                return "int", _assign(field, value)
            return {"string": "str", "bytes": "bytes", "bool": "bool"}.get(field.type, "int"), _assign(field, value)
        part = self.names.name_of(getattr(message_class(self.model)(), field.name).__class__)
        right = {"struct": "dict", "list-value": "list", "timedelta": "timedelta"}.get(field.kind, "None")
        return right, self.kind(field).write(value, f"{part}()")

    def _statements(self, field: Field, value: str) -> list[str]:
        """The statements that write a *value* that is to be written."""
        if not self.is_known(field):
            return [f'raise too_old(_description, "{field.member}", Model.__qualname__)']
        target = _source(field)
        if field.kind == "key-values":
            return [f"for key, item in mapping_of({value}).items():", f"    {target}.add(key=key, value=item)"]
        if field.kind == "flattened":
            assert field.inner is not None
            inner = self._map(field.inner, value, _source(field.inner, target))
            return [f"{target}.SetInParent()", *inner]
        if field.label == "map":
            return self._map(field, value, target)
        if field.label == "list":
            return self._list(field, value, target)
        if field.kind == "wrapper":
            return [f'write_wrapper({value}, message, "{field.name}")']
        kind = self.kind(field)
        return [_assign(field, value) if kind.plain else kind.write(value, target)]

    def _list(self, field: Field, value: str, target: str) -> list[str]:
        kind = self.kind(field)
        values = f"{value} if {value}.__class__ is list else items_of({value})"
        key = field.options.get("sorted")
        if key is not None:
            values = f'in_order({values}, "{key}")'
        if kind.plain:
            return [f"{target}.extend({values})"]
        lines = [f"add = {target}.add", f"for item in {values}:"]
        if field.options.get("written") == "none-as-empty":
            return [*lines, "    added = add()", "    if item is not None:", f"        {kind.write('item', 'added')}"]
        return [*lines, f"    {kind.write('item', 'add()')}"]

    def _map(self, field: Field, value: str, target: str) -> list[str]:
        kind = self.kind(field)
        lines = [f"entries, pairs = {target}, {value} if {value}.__class__ is dict else mapping_of({value})"]
        lines.append("for key, item in pairs.items():")
        if kind.plain:
            return [*lines, "    entries[key] = item"]
        write = kind.write("item", "entries[key]")
        return [
            *lines,
            f"    {write}",
            # Two keys that are one on the wire: the last one counts.
            "if len(entries) != len(pairs):",
            "    entries.clear()",
            "    for key, item in pairs.items():",
            "        entries.pop(key, None)",
            f"        {write}",
        ]

    def compile(self, head: str) -> Callable[..., Any]:
        from datetime import timedelta

        self.names |= {"_description": self.description, "timedelta": timedelta}
        return super().compile(head)


def _defaults(generated: type[ModelState]) -> dict[str, Any]:
    """What the members of a model are whose constructor was given nothing but what it must be given."""
    from dataclasses import MISSING, fields
    from inspect import signature

    if generated._fm_eager:
        # The constructor of a dataclass model may check what it is given.
        held = [each for each in fields(generated) if each.name in generated._fm_slots]  # type: ignore[arg-type]
        return {each.name: None if each.default is MISSING else each.default for each in held}
    parameters = list(signature(generated.__init__).parameters.values())[1:]
    bare = generated(**{each.name: None for each in parameters if each.default is each.empty})
    return {member: getattr(bare, slot) for member, slot in generated._fm_slots.items()}
