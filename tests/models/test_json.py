"""JSON is protobuf's JSON, in both directions; what can't be read or written is named by its path."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from every_model import each_model, examples
from flyteidl.core import literals_pb2
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from random_messages import edge_messages, messages

from flytekit.models import array_job, execution, literals, types
from flytekit.models.core import identifier
from flytekit_models.data.json import JsonReadError, JsonWriteError, known_options
from flytekit_models.entity import FlyteCustomIdlEntity
from flytekit_models.model import message_class

_OPTIONS = ("preserving_proto_field_name", "always_print_fields_with_no_presence", "use_integers_for_enums")


def _outcome(do: Any) -> Any:
    try:
        return do()
    except Exception:
        return "an error"


def _check(model_class: Any, message: Any, options: dict[str, bool]) -> None:
    model = model_class.from_flyte_idl(message)
    expected = _outcome(lambda: json_format.MessageToDict(message, **known_options(options)))
    # The order of the entries of a map is protobuf's, and another one in a copy.
    assert _outcome(lambda: model.to_dict(**options)) == expected
    if expected == "an error":
        return
    assert model.to_json(sort_keys=True, **options) == json_format.MessageToJson(
        message, sort_keys=True, **known_options(options)
    )
    text = json.dumps(expected)
    parsed = _outcome(lambda: json_format.Parse(text, type(message)()))
    read = _outcome(lambda: model_class.from_json(text))
    from_dict = _outcome(lambda: model_class.from_dict(json.loads(text)))
    if parsed == "an error":
        assert read == from_dict == parsed
    else:
        # Not by ==: a NaN is not equal to itself.
        assert [_wire(one.to_flyte_idl()) for one in (read, from_dict)] == [_wire(parsed)] * 2


def _wire(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))


@each_model(with_carriers=False)
def test_json_is_that_of_protobuf(model_class: Any) -> None:
    @examples(5)
    @given(messages(message_class(model_class)), st.fixed_dictionaries(dict.fromkeys(_OPTIONS, st.booleans())))
    def check(message: Any, options: dict[str, bool]) -> None:
        _check(model_class, message, options)

    check()


@each_model(with_carriers=False)
def test_json_of_each_field_alone(model_class: Any) -> None:
    for message in edge_messages(message_class(model_class)):
        _check(model_class, message, {})


def test_carriers_keep_their_own_dict() -> None:
    job = array_job.ArrayJob(parallelism=1, size=2, min_successes=3)
    assert job.to_dict() == {"parallelism": "1", "size": "2", "minSuccesses": "3"}
    assert json.loads(job.to_json()) == job.to_dict()
    assert array_job.ArrayJob.from_json(job.to_json()) == job
    assert array_job.ArrayJob.from_dict(job.to_dict()) == job


_TWICE = {"floatValue": 1.5, "float_value": 1.5}
_GENERIC = {"scalar": {"generic": {"a_b": 1, "aB": {"c_d": 2, "cD": 3}}}}


@pytest.mark.parametrize(
    ("data", "path", "name"),
    [
        ({"offloadedMetadata": {}, "offloaded_metadata": {}}, "offloaded_metadata", "offloaded_metadata"),
        ({"offloadedMetadata": {"sizeBytes": 1, "size_bytes": 1}}, "offloadedMetadata.size_bytes", "size_bytes"),
        ({"map": {"literals": {"x": {"scalar": {"primitive": _TWICE}}}}}, "map.literals['x'].scalar", "float_value"),
        (
            {"collection": {"literals": [{}, {"scalar": {"primitive": _TWICE}}]}},
            "collection.literals[1]",
            "float_value",
        ),
    ],
)
def test_a_field_under_both_of_its_names_is_refused(data: Any, path: str, name: str) -> None:
    for read in (lambda: literals.Literal.from_dict(data), lambda: literals.Literal.from_json(json.dumps(data))):
        with pytest.raises(JsonReadError, match=rf"at {re.escape(path)}.*\.{name} is there twice, as"):
            read()


def test_null_is_no_value_of_any_field() -> None:
    nothing = dict.fromkeys(("scalar", "collection", "map", "hash", "metadata", "offloadedMetadata"))
    assert literals.Literal.from_dict(nothing) == literals.Literal()
    assert literals.LiteralMap.from_dict({"literals": None}) == literals.LiteralMap({})
    assert literals.LiteralCollection.from_dict({"literals": None}) == literals.LiteralCollection([])


@pytest.mark.parametrize("levels", [150, 900, 20_000])
def test_what_nests_too_deep_is_refused(levels: int) -> None:
    wide: dict[str, Any] = {"simple": "INTEGER"}
    free: dict[str, Any] = {}
    for _ in range(levels):
        wide, free = {"collectionType": wide}, {"a": free}
    for read in (
        lambda: types.LiteralType.from_dict(wide),
        lambda: literals.Literal.from_dict({"scalar": {"generic": free}}),
        lambda: types.LiteralType.from_json('{"collectionType":' * levels + "{}" + "}" * levels),
    ):
        with pytest.raises(JsonReadError, match=r"it is nested too deep|maximum recursion depth"):
            read()


def test_what_nests_too_deep_is_not_written() -> None:
    deep = types.LiteralType(simple=1)
    for _ in range(400):
        deep = types.LiteralType(collection_type=deep)
    with pytest.raises(JsonWriteError, match="LiteralType can't be written as JSON: it is nested too deep"):
        deep.to_json()


def test_free_keys_may_be_alike() -> None:
    assert literals.Literal.from_dict(_GENERIC).scalar.generic["a_b"] == 1
    alike = {"a_b": "1", "aB": "2"}
    assert literals.Literal.from_dict({"metadata": alike}).metadata == alike
    assert len(literals.LiteralMap.from_dict({"literals": {"a_b": {}, "aB": {}}}).literals) == 2


def test_a_carrier_has_the_hash_of_what_it_equals() -> None:
    class Same(FlyteCustomIdlEntity):
        def to_dict(self) -> dict[str, Any]:
            return job.to_dict()

        @classmethod
        def from_dict(cls, idl_dict: dict[str, Any]) -> Any:
            return cls()

    job = array_job.ArrayJob(parallelism=1, size=2, min_successes=3)
    assert job == Same() and hash(job) == hash(Same())


def test_the_layout_of_the_text() -> None:
    literal = literals.Literal(hash="ü", metadata={"b": "1", "a": "2"})
    assert literals.Literal(hash="ü", metadata={"a": "2"}).to_json(indent=None) == (
        '{"hash": "\\u00fc", "metadata": {"a": "2"}}'
    )
    assert literals.Literal(hash="h").to_json() == '{\n  "hash": "h"\n}'
    assert literal.to_json(indent=None, ensure_ascii=False, sort_keys=True) == (
        '{"hash": "ü", "metadata": {"a": "2", "b": "1"}}'
    )
    assert literals.Literal.from_json(literal.to_json().encode()) == literal
    assert literals.Literal.from_json(bytearray(literal.to_json().encode())) == literal


def test_fields_that_are_not_known() -> None:
    data = {"hash": "h", "brandNew": {"x": 1}, "scalar": {"primitive": {"integer": "1", "other": 2}}}
    read = literals.Literal.from_dict(data, ignore_unknown_fields=True)
    assert read == literals.Literal.from_json(json.dumps(data), ignore_unknown_fields=True)
    assert read.scalar.primitive.integer == 1
    with pytest.raises(JsonReadError, match=r"at brandNew: flyteidl.core.Literal has no field 'brandNew'; there are"):
        literals.Literal.from_dict(data)


def test_what_is_read_is_independent_of_the_data() -> None:
    data: dict[str, Any] = {"metadata": {"a": "b"}}
    read = literals.Literal.from_dict(data)
    data["metadata"]["a"] = "c"
    assert read.metadata == {"a": "b"}


class Mine(identifier.Identifier):
    """A subclass."""


def test_a_subclass_reads_itself() -> None:
    assert type(Mine.from_dict({"project": "p"})) is Mine
    assert type(Mine.from_json('{"project": "p"}')) is Mine


_SPEC = execution.ExecutionSpec


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"launchPlan": {"resourceType": "TASKS"}}, "at launchPlan.resourceType: expected a name of flyteidl.core.Res"),
        (
            {"max_parallelism": 2**40},
            "at max_parallelism: expected a whole number from -2147483648 to 2147483647, got 10",
        ),
        (
            {"launchplan": {}},
            "at launchplan: flyteidl.admin.ExecutionSpec has no field 'launchplan'; did you mean launchPlan",
        ),
        ({"label": {}}, r"ExecutionSpec has no field 'label'; did you mean labels\?"),
        ({"labels": {"values": {"a": 1}}}, r"at labels.values\['a'\]: expected a text, got 1"),
        ({"labels": {"values": {"a": None}}}, r"at labels.values\['a'\]: expected a text, got null"),
        (
            {"labels": {"values": [1]}},
            "at labels.values: expected an object in which every value is a text, got an array",
        ),
        ({"labels": {"values": {1: "a"}}}, r"at labels.values\[1\]"),
        ({"metadata": {"scheduledAt": "now"}}, 'at metadata.scheduledAt: expected a time as in "2024-05-06T07:08:09Z"'),
        ({"metadata": 3}, "at metadata: expected an object that is a flyteidl.admin.ExecutionMetadata, got 3"),
        (
            {"notifications": {"notifications": [{}, {"phases": ["NO"]}]}},
            r"at notifications.notifications\[1\].phases\[0\]",
        ),
        ({"notifications": {"notifications": [None]}}, r"at notifications.notifications\[0\]: .* got null"),
        ({"notifications": {"notifications": {}}}, "at notifications.notifications: expected an array of an object"),
        (
            {"disableAll": True, "notifications": {}},
            "expected one of .* notification_overrides, got disableAll and not",
        ),
        ({"interruptible": "yes"}, "at interruptible: expected true or false, got 'yes'"),
        ({"overwriteCache": object()}, "at overwriteCache: expected true or false, got something of the type object"),
        (
            {"clusterAssignment": {"clusterPoolName": "x" * 1000 + "\ud800"}},
            "at clusterAssignment.clusterPoolName: .{0,150}$",
        ),
        ({7: 1}, "at 7: flyteidl.admin.ExecutionSpec has no field 7"),
        ([], "expected an object, got an array"),
        (None, "expected an object, got null"),
        ('{"maxParallelism": 1}', r"expected an object, got .* \(from_json reads text\)"),
    ],
)
def test_bad_data_are_named_by_their_path(data: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        _SPEC.from_dict(data)
    assert isinstance(caught.value, json_format.ParseError), "whoever catches protobuf's own error catches this one"
    assert str(caught.value).startswith("ExecutionSpec can't be read from JSON: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"literals": ', "the text is not valid JSON: .*line 1 column 14"),
        ('{"literals": {}, "literals": {}}', "the text is not valid JSON: the key 'literals' is there twice"),
        (b"\xff", "the text is not valid JSON: 'utf-8' codec"),
        ("[" * 100_000, "the text is not valid JSON"),
        ("null", "expected an object, got null"),
        ({"literals": {}}, r"expected text or bytes, got an object \(from_dict reads what is parsed\)"),
        (None, "expected text or bytes, got null"),
        (
            '{"literals": {"x": {"scalar": {"primitive": {"duration": "1"}}}}}',
            r"literals\['x'\].scalar.primitive.duration:",
        ),
        ('{"literals": {"x": {"scalar": {"binary": {"value": "a"}}}}}', "expected bytes as base64, got 'a'"),
        ('{"literals": {"x": {"scalar": {"primitive": {"floatValue": "a"}}}}}', "expected a number, got 'a'"),
        ('{"literals": {"x": {"scalar": {"generic": []}}}}', "generic: expected an object, got an array"),
        (
            '{"literals": {"x": {"scalar": {"primitive": {"integer": 1, "boolean": true}}}}}',
            "oneof value, got integer and",
        ),
    ],
)
def test_bad_text_is_named_by_its_path(text: Any, words: str) -> None:
    with pytest.raises(JsonReadError, match=words):
        literals.LiteralMap.from_json(text)


def test_what_json_cannot_say_is_named_by_its_path() -> None:
    message = literals_pb2.LiteralMap()
    message.literals["k"].collection.literals.add().scalar.primitive.datetime.seconds = 2**60
    with pytest.raises(
        JsonWriteError, match=r"at literals\['k'\].collection.literals\[0\].scalar.primitive.datetime: "
    ):
        literals.LiteralMap.from_flyte_idl(message).to_json()
    struct = struct_pb2.Struct()
    struct["a"] = {"b": [float("nan")]}
    with pytest.raises(ValueError, match=r"LiteralMap can't .* at literals\['x'\].scalar.generic\['a'\]\['b'\]\[0\]"):
        literals.LiteralMap({"x": literals.Literal(scalar=literals.Scalar(generic=struct))}).to_dict()


def test_a_wrong_value_is_the_error_of_writing() -> None:
    with pytest.raises(TypeError, match=r"Identifier.project"):
        identifier.Identifier(1, 5, "d", "n", "v").to_json()  # type: ignore[arg-type]
