"""Models that were generated from a newer IDL than the message types that are installed."""

from __future__ import annotations

from typing import Any

import pytest

from flytekit_models.messages import FlyteIdlTooOld

_NEWER = """\
syntax = "proto3";

package $NAME;

import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

message Thing {
  string id = 1;
  string text = 2;
  double weight = 3;
  optional int32 age = 4;
  repeated string tags = 5;
  repeated Part parts = 6;
  map<string, int32> counts = 7;
  map<string, Part> named = 8;
  Part part = 9;
  google.protobuf.Timestamp made_at = 10;
  google.protobuf.Struct json = 11;
  google.protobuf.BoolValue sure = 12;
  oneof content {
    string title = 13;
    Part image = 14;
  }
  oneof brand_new {
    string one = 15;
    int32 two = 16;
  }
  bytes data = 17;
}

message Part {
  string name = 1;
}

message BrandNew {
  string name = 1;
}
"""

_OLDER = """\
syntax = "proto3";

package $NAME;

message Thing {
  string id = 1;
  oneof content {
    string title = 13;
  }
}
"""

_ABSENT = {
    "text": "",
    "weight": 0.0,
    "age": None,
    "tags": [],
    "parts": [],
    "counts": {},
    "named": {},
    "part": None,
    "made_at": None,
    "json": None,
    "sure": None,
    "image": None,
    "one": None,
    "two": None,
    "data": b"",
}


@pytest.fixture
def things(workshop: Any) -> Any:
    """The module of the newer models, over the older messages."""
    workshop.write(workshop.things, _NEWER)
    elements = ",".join(f'"$NAME.Thing.{name}": {{"1.15.0": []}}' for name in _ABSENT)
    workshop.write(workshop.idl / "history.json", f'{{"elements": {{{elements}, "$NAME.BrandNew": {{"1.16.0": []}}}}}}')
    workshop.regenerate(contract=None)
    workshop.write(workshop.things, _OLDER)
    return workshop.load("things")


def test_what_is_there_can_be_used(things: Any) -> None:
    thing = things.Thing(id="a", title="t")
    message = thing.to_flyte_idl()
    again = things.Thing.from_flyte_idl(message)
    assert (again.id, again.title, again.content) == ("a", "t", "t")
    assert again == thing and again.to_flyte_idl() == message


def test_what_is_not_there_is_absent(things: Any) -> None:
    message = things.Thing(id="a").to_flyte_idl()
    thing = things.Thing.from_flyte_idl(message)
    assert {name: getattr(thing, name) for name in _ABSENT} == _ABSENT
    assert (thing.content, thing.brand_new) == (None, None)
    assert thing.to_flyte_idl() == message
    thing._id = "b"
    assert thing.to_flyte_idl().id == "b"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("text", "t"),
        ("weight", -0.0),
        ("age", 0),
        ("tags", ["t"]),
        ("counts", {"a": 1}),
        ("one", ""),
        ("made_at", None),
        ("data", b"d"),
    ],
)
def test_setting_what_is_not_there(things: Any, workshop: Any, member: str, value: Any) -> None:
    built = things.Thing(id="a", **{member: value})
    read = things.Thing.from_flyte_idl(things.Thing(id="a").to_flyte_idl())
    setattr(read, f"_{member}", value)
    for thing in (built, read):
        if value is None:
            assert thing.to_flyte_idl().id == "a"
            continue
        with pytest.raises(FlyteIdlTooOld) as caught:
            thing.to_flyte_idl()
        told = str(caught.value)
        assert told.startswith(f"Thing.{member} cannot be written: the installed {workshop.name}")
        assert f"has no {workshop.name}.Thing.{member}" in told and "1.15.0 is the first that has it" in told


def test_a_message_that_is_not_there(things: Any, workshop: Any) -> None:
    with pytest.raises(FlyteIdlTooOld, match=f"BrandNew cannot be written: .* has no {workshop.name}.BrandNew; "):
        things.BrandNew(name="n").to_flyte_idl()
    with pytest.raises(FlyteIdlTooOld):
        things.Thing(part=things.Part(name="p")).to_flyte_idl()
