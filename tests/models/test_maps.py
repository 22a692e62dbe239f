"""What is given for a map: two keys that are one on the wire, and mappings whose items are not those of a dict."""

# Models are given here what their annotations do not allow.
# mypy: disable-error-code="arg-type,dict-item"

from __future__ import annotations

from collections import namedtuple
from typing import Any

import pytest
from odd_mappings import Apart, Items

from flytekit.models.common import Labels
from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar
from flytekit.models.task import TaskTemplate

Pair = namedtuple("Pair", ("key", "value"))


def number(value: int, **metadata: str) -> Literal:
    return Literal(scalar=Scalar(primitive=Primitive(integer=value)), metadata=metadata or None)


A, B = {"a": number(2)}, {"b": number(3)}

REPEATED: list[tuple[Any, Any]] = [
    ({b"a": number(1, left="out"), "a": number(2)}, A),
    ({"a": number(1), b"a": number(2)}, A),
    ({Apart("a"): number(1, left="out"), Apart("a"): number(2)}, A),
    ({Apart("a"): number(7), b"a": number(8), "a": number(9), Apart("a"): number(2)}, A),
    ({"b": number(1), Apart("a"): number(1), b"b": number(3), "a": number(2)}, A | B),
    ({Apart("b"): number(3), Apart("a"): number(2)}, A | B),
    (Items(("a", number(1)), ("b", number(3)), ("a", number(2))), A | B),
]


@pytest.mark.parametrize(("given", "plain"), REPEATED)
def test_of_keys_that_are_one_the_last_counts(given: Any, plain: dict[str, Literal]) -> None:
    one, other = LiteralMap(given), LiteralMap(plain)
    assert one.to_bytes() == other.to_bytes()
    assert one.to_flyte_idl() == other.to_flyte_idl()
    assert one == other and hash(one) == hash(other)
    read = LiteralMap.from_bytes(number_map := other.to_bytes())
    assert read.literals.keys() == plain.keys()
    read.literals.clear()
    read.literals.update(given.items())
    assert read.to_bytes() == number_map


def test_of_keys_that_are_one_plain_values_count_the_same() -> None:
    for given in ({b"a": "1", "a": "2"}, {Apart("a"): "1", Apart("a"): "2"}, Items(("a", "1"), ("a", "2"))):
        assert Labels(given).to_bytes() == Labels({"a": "2"}).to_bytes()


def test_a_value_that_is_left_out_is_checked_too() -> None:
    with pytest.raises(TypeError, match=r"LiteralMap\.literals\[b'a'\]: expected a model or message"):
        LiteralMap({b"a": "wrong", "a": number(2)}).to_bytes()


def test_items_may_be_any_pairs() -> None:
    for pair in (["a", "1"], Pair("a", "1"), iter("a1"), "a1"):
        assert Labels(Items(pair)).to_bytes() == Labels({"a": "1"}).to_bytes()


@pytest.mark.parametrize("items", [[("a", "1", "2")], [5], ["a"], 5])
def test_items_that_are_no_pairs_are_refused(items: Any) -> None:
    given = Items()
    given._items = items
    for write in (Labels.to_bytes, Labels.to_flyte_idl):
        with pytest.raises(TypeError, match=r"Labels\.values: expected a dict of str, got Items"):
            write(Labels(given))


def test_keys_of_json_are_compared_as_texts() -> None:
    def task(custom: Any) -> TaskTemplate:
        return TaskTemplate(None, "t", None, None, custom)

    with pytest.raises(ValueError, match=r"TaskTemplate\.custom: two keys become 'a'"):
        task({Apart("a"): 1, Apart("a"): 2}).to_bytes()
    assert task({Apart("a"): 1}).to_bytes() == task({"a": 1}).to_bytes()
    assert task(Items(("a", 1), ("a", 2))).to_bytes() == task({"a": 2}).to_bytes()
    assert task({"b": Items(["a", 1])}).to_bytes() == task({"b": {"a": 1}}).to_bytes()
