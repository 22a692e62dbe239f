"""flytekit.core.hash: identity as a hash, and hash functions as annotations."""

import doctest
import inspect
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

import pytest

from flytekit.core.hash import HashMethod, HashOnReferenceMixin

DOCS = Path(__file__).parents[2] / "docs" / "utilities"


class Equal:
    """All its instances are equal, so Python makes them unhashable."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    __hash__ = None  # type: ignore[assignment]


class Referenced(HashOnReferenceMixin, Equal): ...


def test_the_mixin_hashes_by_identity() -> None:
    one, other = Referenced(), Referenced()
    assert one == other
    assert hash(one) == hash(id(one)) != hash(other)
    assert {one: 1, other: 2}[one] == 1


def test_the_hash_does_not_change_with_the_contents() -> None:
    key = Referenced()
    table = {key: "found"}
    key.contents = [1, 2, 3]  # type: ignore[attr-defined]
    assert table[key] == "found"


def test_the_mixin_leaves_no_trace_in_the_instance() -> None:
    assert vars(HashOnReferenceMixin()) == {}


def test_a_hash_method_applies_its_function() -> None:
    assert HashMethod[bytes](bytes.hex).calculate(b"\x00\xff") == "00ff"


def test_a_hash_method_passes_errors_on() -> None:
    with pytest.raises(ZeroDivisionError):
        HashMethod(lambda value: str(1 / value)).calculate(0)


def test_a_hash_method_stands_in_an_annotation() -> None:
    method = HashMethod[list[int]](lambda numbers: str(sum(numbers)))

    def task(numbers: Annotated[list[int], method]) -> None: ...

    annotation = get_type_hints(task, include_extras=True)["numbers"]
    assert get_args(annotation) == (list[int], method)


def test_the_parameters_are_named_as_in_flytekit() -> None:
    assert list(inspect.signature(HashMethod).parameters) == ["function"]
    assert list(inspect.signature(HashMethod.calculate).parameters) == ["self", "obj"]


def test_the_documented_example_runs() -> None:
    result = doctest.testfile(str(DOCS / "hash.md"), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
