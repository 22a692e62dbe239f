"""A program that does the same random things to models whichever path is at work, and prints what comes of each.

both_paths.py SEED EVERY ROUNDS [FIRST]: every choice comes from the seed, so both paths print the same. Of the classes,
every so manieth is taken, from the first one on, and of each so many models.
"""

from __future__ import annotations

import copy
import pickle
import re
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from every_model import carried, model_classes
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from odd_mappings import Apart, Items
from wire_messages import Maker, mutate

from flytekit.models.core.identifier import Identifier
from flytekit.models.literals import Literal
from flytekit.models.security import Secret
from flytekit_models.errors import DecodeError
from flytekit_models.model import Model, describe, message_class


class Text(str):
    """A str of somebody's own."""


_NOON = datetime(2024, 2, 29, 12, 0, 0, 123456)
WRONG: list[Any] = [
    *(_NOON, _NOON.replace(tzinfo=timezone.utc), _NOON.replace(tzinfo=timezone(timedelta(hours=-5)))),
    *(datetime.min, datetime.max, timedelta(-1, 5, 7), timedelta.max, date(2024, 1, 1)),
    *(
        timestamp_pb2.Timestamp(seconds=5, nanos=7),
        timestamp_pb2.Timestamp(seconds=2**60),
        duration_pb2.Duration(nanos=1),
    ),
    *(struct_pb2.Struct(), struct_pb2.Value(), struct_pb2.ListValue(), wrappers_pb2.BoolValue(value=True)),
    *(Text("t"), Text(""), OrderedDict(a="b"), defaultdict(list), deque(["x"]), frozenset(["x"]), range(2), range(0)),
    *(
        Secret("g"),
        [Secret("g")],
        {"integer": 1},
        [{"hash": "h"}],
        {"a": {"hash": "h"}},
    ),
    *(
        {"a": [1, {"b": None}]},
        {"a": float("nan")},
        {"a": 2**70},
        {"a": "\ud800"},
        {True: 1, 2.5: 1},
        [[], {}, None, 1],
    ),
    *({b"a": "x", "a": "y"}, {Apart("a"): "x", Apart("a"): "y"}, {b"a": {"hash": "h"}, "a": {}}),
    *(
        {"a": Secret("g"), b"a": Secret("h")},
        Items(("a", "x"), ("a", "y")),
        Items(["a", "x"]),
        Items(("a", 1, 2)),
        Items(5),
    ),
    *(np.array(["a", "b"]), np.array([0.0]), np.array([""]), np.array([]), np.bool_(True), np.float32(0), np.int64(1)),
    *(None, 0, 1, -1, True, False, 1.5, -0.0, 2**31, 2**63, 2**70, "", "x", "\ud800", b"", b"x", b"\xff"),
    *([], [None], [1], ["x"], ["x", 1], (), ("x",), {}, {"a": "b"}, {"a": None}, {1: 2}, {"": {}}, {"a": 1}),
    *(Identifier, lambda: 1, object),
]


def shown(value: Any, depth: int = 0) -> str:
    """A value as text that is the same in every process."""
    if isinstance(value, Model):
        return f"{type(value).__name__}<{value.to_bytes().hex() if depth else ''}>" if depth < 2 else "..."
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{key!r}: {shown(item, depth + 1)}" for key, item in value.items())) + "}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{', '.join(shown(item, depth + 1) for item in value)}]"
    return f"{type(value).__name__} {plain(repr(value))}"


def plain(text: str) -> str:
    """A text without what differs between two processes."""
    return re.sub(r" at 0x[0-9a-f]+", "", text).replace("\n", " ")


def outcome(do: Callable[[], Any]) -> str:
    """What *do* gives, or raises."""
    try:
        return shown(do())
    except DecodeError:
        # The core says where.
        return "DecodeError"
    except Exception as error:
        return plain(f"{type(error).__name__}: {error}")


class OneOfEach(Maker):
    """Makes messages that have an order: no map has two entries, and no message unknown fields of two tags."""

    def scalar(self, field: Any) -> Any:
        """A value; of a key always the same."""
        if field.containing_type.GetOptions().map_entry and field.name == "key":
            return {field.CPPTYPE_STRING: "a", field.CPPTYPE_BOOL: True}.get(field.cpp_type, 1)
        return super().scalar(field)

    def unknown(self) -> bytes:
        """An unknown field."""
        return b"\x92\xe4\x08\x05" + self.random.randbytes(5)


class Attack:
    """One model, and what is done to it."""

    def __init__(self, model_class: Any, seed: str) -> None:
        self.random = Random(seed)
        self.make = OneOfEach(self.random)
        self.model_class = model_class
        self.seed = seed

    def say(self, what: str, do: Callable[[], Any]) -> None:
        """Print what comes of it."""
        print(f"{self.seed} | {describe(self.model_class).message} | {what} | {outcome(do)}")

    def data(self) -> bytes:
        """A message of the class, in bytes."""
        message = carried(self.model_class, self.make.message(message_class(self.model_class).DESCRIPTOR))
        data: bytes = message.SerializePartialToString(deterministic=True)
        if self.random.random() < 0.2:
            again = carried(self.model_class, self.make.message(message_class(self.model_class).DESCRIPTOR))
            data += again.SerializePartialToString(deterministic=True)
        return data

    def model(self) -> Any:
        """A model in some state."""
        data, way = self.data(), self.random.randrange(4)
        if issubclass(self.model_class, Model) and way == 0:
            return self.model_class.from_bytes(data)
        read = self.model_class.from_flyte_idl(self._message(data))
        if way == 1:
            return read
        for member in self.model_class._fm_slots:
            getattr(read, f"_{member}", None)
        if way == 2:
            return read
        built = blank(self.model_class)
        for slot in self.model_class._fm_slots.values():
            setattr(built, slot, getattr(read, slot))
        return built

    def _message(self, data: bytes) -> Any:
        wire = message_class(self.model_class)
        if "carrier" in describe(self.model_class).options:
            from google.protobuf import struct_pb2

            wire = struct_pb2.Struct
        return wire.FromString(data)

    def run(self, steps: int) -> None:
        """Do random things to a model."""
        try:
            model = self.model()
        except DecodeError:
            print(f"{self.seed} | no model")
            return
        others = [copy.deepcopy(model), self.model_class.from_flyte_idl(self._message(self.data()))]
        for step in range(steps):
            self.step(f"{step}", model, others)
        self.end("end", model, others)

    def step(self, what: str, model: Any, others: list[Any]) -> None:
        """Do one thing to *model*, or to a model inside it."""
        random = self.random
        at, place = model, type(model).__name__
        while random.random() < 0.5:
            inside = [
                (name, one)
                for name in sorted(type(at)._fm_slots)
                for one in inner(outcome_value(lambda name=name, at=at: getattr(at, name)))
            ]
            if not inside:
                break
            name, at = random.choice(inside)
            place += f".{name}"
        ways = (self.read, self.assign, self.assign, self.change, self.change, self.end, self.swap, self.replace)
        ways += (self.delete,)
        do = random.choice(ways)
        do(f"{what} {do.__name__} {place}", at, others)

    def swap(self, what: str, model: Any, others: list[Any]) -> None:
        """Take over a member of another model of the class."""
        slots = sorted(type(model)._fm_slots)
        same = [each for each in others if type(each) is type(model)]
        if slots and same:
            name, other = self.random.choice(slots), self.random.choice(same)
            self.say(f"{what}.{name}", lambda: setattr(model, attribute(model, name), getattr(other, name)))

    def replace(self, what: str, model: Any, others: list[Any]) -> None:
        """Replace a member."""
        slots = sorted(type(model)._fm_slots)
        if slots:
            name, value = self.random.choice(slots), copy.deepcopy(self.random.choice(WRONG[:-3]))
            self.say(f"{what}.{name} = {plain(ascii(value))}", lambda: model.replace(**{name: value}).to_bytes())

    def read(self, what: str, model: Any, others: list[Any]) -> None:
        """Read a member."""
        slots = sorted(type(model)._fm_slots)
        if slots:
            name = self.random.choice(slots)
            self.say(f"{what}.{name}", lambda: getattr(model, name))

    def assign(self, what: str, model: Any, others: list[Any]) -> None:
        """Assign a member."""
        slots = sorted(type(model)._fm_slots)
        if slots:
            name = self.random.choice(slots)
            index = self.random.randrange(len(WRONG) + 4)
            if index < len(WRONG):
                value = WRONG[index] if callable(WRONG[index]) else copy.deepcopy(WRONG[index])
            elif index == len(WRONG):
                value = Literal(hash="h")
            elif index == len(WRONG) + 1:
                value = Identifier(1, "p", "d", "n", "v").to_flyte_idl()
            else:
                value = outcome_value(lambda: getattr(self.random.choice(others), name))
            self.say(
                f"{what}.{name} = {plain(repr(type(value)))}", lambda: setattr(model, attribute(model, name), value)
            )

    def delete(self, what: str, model: Any, others: list[Any]) -> None:
        """Delete an attribute of a dataclass."""
        if model._fm_eager:
            name = self.random.choice(sorted(type(model)._fm_slots))
            self.say(f"{what}.{name}", lambda: delattr(model, name))
            self.say(f"{what} vars", lambda: [*vars(model)])

    def change(self, what: str, model: Any, others: list[Any]) -> None:
        """Change a list or a dict in place."""
        random = self.random
        held = [
            (name, value)
            for name in sorted(type(model)._fm_slots)
            if isinstance(value := outcome_value(lambda name=name: getattr(model, name)), (list, dict))
        ]
        if not held:
            return
        name, value = random.choice(held)
        kind = random.randrange(6)
        if kind == 0:
            value.clear()
        elif kind == 1 and value:
            value.pop() if isinstance(value, list) else value.pop(sorted(value, key=repr)[0])
        elif kind == 2:
            (
                value.append(copy.deepcopy(random.choice(WRONG[:-3])))
                if isinstance(value, list)
                else value.update({random.choice(("a", "", "z", 1, b"k")): copy.deepcopy(random.choice(WRONG[:-3]))})
            )
        elif kind == 3 and value:
            value.append(value[0]) if isinstance(value, list) else value.update(z=value[sorted(value, key=repr)[0]])
        elif kind == 4 and isinstance(value, list):
            value.reverse()
        elif kind == 5 and isinstance(value, dict):
            turned = dict(reversed(list(value.items())))
            value.clear()
            value.update(turned)
        self.say(f"{what}.{name} {kind}", lambda: getattr(model, name))

    def end(self, what: str, model: Any, others: list[Any]) -> None:
        """Write, compare and copy."""
        self.say(f"{what} bytes", model.to_bytes)
        self.say(f"{what} message", lambda: model.to_flyte_idl().SerializePartialToString(deterministic=True))
        self.say(f"{what} hash", lambda: hash(model))
        self.say(f"{what} text", lambda: plain(repr(model)))
        for other in others:
            self.say(f"{what} ==", lambda other=other: model == other)
        for name, way in {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": repickled}.items():
            self.say(f"{what} {name}", lambda way=way: way(model).to_bytes())
            self.say(f"{what} {name} ==", lambda way=way: way(model) == model)
        self.say(f"{what} dict", lambda: model.to_dict())


def attribute(model: Any, name: str) -> str:
    """The attribute by which a member is assigned."""
    return name if model._fm_eager else f"_{name}"


def repickled(model: Any) -> Any:
    """A pickled copy."""
    return pickle.loads(pickle.dumps(model))


def outcome_value(do: Callable[[], Any]) -> Any:
    """What *do* gives, or None."""
    try:
        return do()
    except Exception:
        return None


def inner(value: Any) -> list[Any]:
    """The models in a member."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=repr)]
    items = value if isinstance(value, (list, tuple)) else [value]
    return [one for one in items if isinstance(one, Model)]


def blank(model_class: Any) -> Any:
    """A built model without values."""
    from flytekit_models.model.state import blank as made

    return made(model_class)


def bytes_attack(model_class: Any, seed: str) -> None:
    """Read bytes that are none."""
    attack = Attack(model_class, seed)
    data = mutate(attack.data(), attack.random)
    model = outcome_value(lambda: model_class.from_bytes(data))
    # Unknown fields may stand in any order.
    attack.say("from_bytes", lambda: sorted(model_class.from_bytes(data).to_bytes()))
    if model is not None:
        for member in sorted(model_class._fm_slots):
            attack.say(f"from_bytes .{member}", lambda member=member: getattr(model, member))
        attack.say("from_bytes read", lambda: sorted(model.to_bytes()))
        attack.say("from_bytes ==", lambda: model == model_class.from_bytes(data))
        attack.say("from_bytes hash", lambda: hash(model))


def class_attack(model_class: Any, seed: str) -> None:
    """What no constructor made; subclasses; patches."""
    attack = Attack(model_class, seed)
    slots = sorted(model_class._fm_slots)
    made = model_class.__new__(model_class)
    for name in attack.random.sample(slots, min(len(slots), attack.random.randrange(3))):
        attack.say(f"new .{name}", lambda name=name: setattr(made, f"_{name}", None))
    attack.end("new", made, [model_class.__new__(model_class)])
    model = attack.model()
    if slots and not model_class._fm_eager:
        name = describe(model_class).by_member[attack.random.choice(slots)].property_name
        sub: Any = type("Sub", (model_class,), {name: property(lambda self: None)})
        data = outcome_value(model.to_bytes) or b""
        if "carrier" not in describe(model_class).options:
            attack.end("sub", sub.from_bytes(data), [model, model_class.from_bytes(data)])
        late: Any = type("Late", (model_class,), {})
        one = late.from_flyte_idl(attack._message(attack.data()))
        with mock.patch.object(late, name, new_callable=mock.PropertyMock, return_value=None):
            attack.end("patched", one, [model])
        attack.end("unpatched", one, [model])
        with mock.patch.object(late, "to_flyte_idl", lambda self: message_class(model_class)()):
            attack.end("patched writer", one, [model])
        with mock.patch.object(model_class, name, new_callable=mock.PropertyMock, return_value=None):
            attack.end("patched class", model, [one])
        attack.end("unpatched class", model, [one])


def main() -> None:
    """Do it all."""
    seed, every, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for model_class in model_classes()[int(sys.argv[4]) if len(sys.argv) > 4 else 0 :: every]:
        for turn in range(rounds):
            here = f"{seed}/{model_class.__qualname__}/{turn}"
            Attack(model_class, here).run(8)
            if "carrier" not in describe(model_class).options:
                bytes_attack(model_class, f"{here}/bytes")
            class_attack(model_class, f"{here}/class")


if __name__ == "__main__":
    main()
