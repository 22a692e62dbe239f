"""The generator takes any IDL: tests/codegen/any_idl holds every construct, with names as awkward as can be.

Without a contract it becomes a package that can be imported, loses nothing, and has each member under a name that the
constructor takes and the property gives back.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import os
import pickle
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lossless
import pytest
from generated_wire import check_wire
from generator import compile_protos
from google.protobuf.duration_pb2 import Duration
from hypothesis import HealthCheck, given, settings
from leaves import leaves
from random_messages import edge_messages, messages

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.pipeline.step1_read.idl import is_map, map_value, read
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_models.errors import DecodeError
from flytekit_models.model import Model, describe, message_class

_IDL = Path(__file__).parents[1] / "any_idl"
_PACKAGE = "any_idl.models"
_RUNTIME = Path(__file__).parents[3] / "runtime"
_SETTINGS = settings(
    max_examples=8, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@cache
def _messages() -> list[str]:
    return sorted(message.full_name for message in read(Sources(_IDL)).messages())


@dataclass(frozen=True)
class _Generated:
    output: Path
    summary: pipeline.Summary
    classes: dict[str, Any]
    """Each message and its model."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Generated]:
    output = tmp_path_factory.mktemp("any_idl")
    compile_protos(_IDL, output / "pb2")
    summary = pipeline.regenerate(pipeline.Options(idl=_IDL, output=output, contract=None, package=_PACKAGE))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(output / "pb2"))
        patch.syspath_prepend(str(output))
        package = importlib.import_module(_PACKAGE)
        for module in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}."):
            importlib.import_module(module.name)
        yield _Generated(output, summary, {describe(one).message: one for one in _subclasses(Model)})


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        if "_fm_proto" in vars(one) and one.__module__.startswith(_PACKAGE):
            yield one
        yield from _subclasses(one)


def test_every_message_and_module_is_there(generated: _Generated) -> None:
    assert sorted(generated.classes) == _messages()
    assert generated.summary.package.messages == len(_messages())
    folder = generated.output.joinpath(*_PACKAGE.split("."))
    modules = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}
    expected = {"_1st", "bare/__init__", "bare/names/with_odd_parts", "import_/lambda_/class_", "empty/nothing"}
    assert expected | {"recursive_too", "people/v1/names"} <= modules


@pytest.mark.parametrize("message", _messages())
def test_lossless(generated: _Generated, message: str) -> None:
    model_class = generated.classes[message]
    for edge in edge_messages(message_class(model_class)):
        lossless.check(model_class, edge)

    @_SETTINGS
    @given(messages(message_class(model_class)))
    def check(drawn: Any) -> None:
        lossless.check(model_class, drawn)
        found = list(leaves(model_class.from_flyte_idl(drawn), drawn))
        if found:
            model = model_class.from_flyte_idl(drawn)
            leaf = list(leaves(model, drawn))[len(lossless.wire(drawn)) % len(found)]
            leaf.change_model()
            leaf.change_message()
            assert lossless.wire(model.to_flyte_idl()) == lossless.wire(drawn), leaf.path

    check()


@pytest.mark.parametrize("message", _messages())
def test_any_bytes(generated: _Generated, message: str) -> None:
    check_wire(generated.classes[message], message, 5)


_NO_UTF8 = {
    "older.Defaults": ("a_string", b"\x7a\x01\xff", b"\xff"),
    "older.OneofNames": ("lone", b"\x0a\x02\xc3\x28", b"\xc3("),
    "older.Repeated": ("texts", b"\x32\x01\xff\x32\x01a", [b"\xff", "a"]),
    "older.Groups": ("other_arm", b"\x32\x01\xff", b"\xff"),
    "older.Extendable": ("own", b"\x0a\x01\xff", b"\xff"),
    "editions.Encoding": ("unchecked", b"\x52\x01\xff", b"\xff"),
}


@pytest.mark.parametrize("message", _NO_UTF8)
def test_texts_that_need_not_be_utf8(generated: _Generated, message: str) -> None:
    """They read as bytes, as protobuf gives them, and are kept; protobuf refuses them when they are set."""
    member, wire, value = _NO_UTF8[message]
    model_class = generated.classes[message]
    model = model_class.from_bytes(wire)
    assert getattr(model, member) == value
    assert model.to_bytes() == wire and copy.deepcopy(model) == model == pickle.loads(pickle.dumps(model))
    lossless.check(model_class, message_class(model_class).FromString(wire))
    with pytest.raises(ValueError, match=rf"\.{member}.*: expected str, got bytes"):
        model_class(**{member: value}).to_bytes()


def test_texts_that_must_be_utf8(generated: _Generated) -> None:
    with pytest.raises(DecodeError):
        generated.classes["editions.Extendable"].from_bytes(b"\x0a\x01\xff")


@pytest.mark.parametrize("message", _messages())
def test_every_member_is_taken_and_given(generated: _Generated, message: str) -> None:
    """Each field has a keyword-only parameter and a property of that name, and no two fields share one."""
    model_class = generated.classes[message]
    descriptor = message_class(model_class).DESCRIPTOR
    assert sorted(field.name for field in describe(model_class).fields) == sorted(
        field.name for field in descriptor.fields
    )
    parameters = [each for each in inspect.signature(model_class.__init__).parameters.values() if each.name != "self"]
    assert [each.name for each in parameters] == [field.member for field in describe(model_class).fields]
    assert all(each.kind is each.KEYWORD_ONLY and each.default is not each.empty for each in parameters)
    assert model_class().to_flyte_idl() == message_class(model_class)()
    for edge in edge_messages(message_class(model_class)):
        edge.DiscardUnknownFields()
        for field, _ in edge.ListFields():
            if field.is_extension:
                edge.ClearExtension(field)
        read = model_class.from_flyte_idl(edge)
        for member in describe(model_class).by_member:
            value = getattr(read, member)
            assert value is getattr(read, f"_{member}")
            built = model_class(**{member: value})
            assert _same(getattr(built, member), value)
        everything = {member: getattr(read, member) for member in describe(model_class).by_member}
        written = model_class(**everything).to_flyte_idl()
        if not any(_holds_json_values(field) for field, _ in edge.ListFields()):
            assert lossless.wire(written) == lossless.wire(edge)
        again = model_class.from_flyte_idl(written)
        assert all(_same(getattr(again, member), value) for member, value in everything.items())


def _holds_json_values(field: Any) -> bool:
    """Whether a field is of `google.protobuf.Value`, in which nothing and null are both None."""
    element = map_value(field) if is_map(field) else field
    return element.message_type is not None and element.message_type.full_name == "google.protobuf.Value"


def _same(one: Any, other: Any) -> bool:
    # NaN is no equal of itself; it is of its own text.
    return bool(one == other) or repr(one) == repr(other)


def test_oneofs_have_properties(generated: _Generated) -> None:
    oneofs = generated.classes["people.v1.OneofNames"]
    arms = {
        "items": ("items_list", "l"),
        "repeated": ("repeated_int", 3),
        "class_": ("class_name", "c"),
        "self_": ("myself", "m"),
        "to_flyte_idl_": ("number", 4),
    }
    for name, (arm, value) in arms.items():
        assert getattr(oneofs(**{arm: value}), name) == value
        assert getattr(oneofs(), name) is None
    # Oneofs whose names differ in case only are three; one of them has the property.
    message = message_class(oneofs)(third="3", fifth="5", item="1")
    model = oneofs.from_flyte_idl(message)
    assert (model.item, model.items_list, model.third, model.fifth, model.fourth) == ("1", None, "3", "5", None)


def test_names(generated: _Generated) -> None:
    classes = generated.classes
    keywords = list(describe(classes["people.v1.Keywords"]).by_member)
    assert {"class_", "from_", "lambda_", "match", "type"} <= set(keywords)
    nesting = importlib.import_module(f"{_PACKAGE}.people.v1.nesting")
    assert nesting.Model_ is classes["people.v1.nesting.Model"]
    assert nesting.None_.None_ is classes["people.v1.nesting.None.None"]
    assert nesting.Outer.Outer.__mro__[1] is Model
    assert nesting.Clash.inner_part_ is classes["people.v1.nesting.Clash.inner_part"]
    assert nesting.Mangled__.Nested__ is classes["people.v1.nesting.__Mangled.__Nested"]
    names = importlib.import_module(f"{_PACKAGE}.people.v1.names")
    values = names.ValueNames
    assert (values.None_, values.name_, values.real_, values.init___, values.class_) == (1, 5, 14, 9, 3)
    assert values.name_.name == "name_" and values(99) == 99
    underscored = names.UnderscoredValueNames
    assert [int(value) for value in underscored] == list(range(8))
    sparse = importlib.import_module(f"{_PACKAGE}.people.v1.scalars").Sparse
    assert sparse.SPARSE_ALSO_ZERO is sparse.SPARSE_ZERO
    assert (sparse.SPARSE_LEAST, sparse.SPARSE_MOST_AGAIN) == (-(2**31), 2**31 - 1)


def test_comments_are_docstrings(generated: _Generated) -> None:
    note = generated.classes["people.v1.Note"]
    assert "\\backslashes, '''quotes''', 'single', and a trailing backslash \\" in note.__doc__
    assert 'Ends with a quote: "so"' in note.text.__doc__
    assert "☃" in note.old.__doc__ and "Deprecated in the IDL." in note.old.__doc__


def test_the_package_passes_mypy(generated: _Generated, tmp_path: Path) -> None:
    """In its strict mode; without protoc's stubs, which are no Python where a field has a keyword for a name."""
    configuration = tmp_path / "mypy.ini"
    configuration.write_text("[mypy]\nstrict = True\nignore_missing_imports = True\nexplicit_package_bases = True\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", f"--config-file={configuration}", f"--cache-dir={tmp_path}", "any_idl"],
        cwd=generated.output,
        env={**os.environ, "MYPYPATH": os.pathsep.join([".", str(_RUNTIME)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_proto2_and_editions_pass_mypy_with_stubs(tmp_path: Path) -> None:
    """With protoc's own stubs, which are Python here, and what errors they have themselves left aside."""
    idl, output = tmp_path / "idl", tmp_path / "output"
    for folder in ("older", "editions"):
        shutil.copytree(_IDL / folder, idl / folder)
    compile_protos(idl, output, output)
    pipeline.regenerate(pipeline.Options(idl=idl, output=output, contract=None, package="typed.models"))
    options = "[mypy]\nstrict = True\nexplicit_package_bases = True\n"
    (tmp_path / "mypy.ini").write_text(f"{options}[mypy-older.*,editions.*]\nignore_errors = True\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", f"--config-file={tmp_path / 'mypy.ini'}", f"--cache-dir={tmp_path}"]
        + ["-p", "typed.models"],
        cwd=output,
        env={**os.environ, "MYPYPATH": os.pathsep.join([".", str(_RUNTIME)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_model_that_lacks_a_required_field_has_a_text(generated: _Generated) -> None:
    assert "number: 3" in str(generated.classes["older.Required"](number=3))


def test_none_is_no_value_of_a_wrapper_in_a_map(generated: _Generated) -> None:
    for name in ("Bool", "String", "Double"):
        model = generated.classes["people.v1.Values"](**{f"{name.lower()}_values": {"a": None}})
        with pytest.raises(TypeError, match=rf"{name.lower()}_values\['a'\]: expected the value of a google"):
            model.to_bytes()


def test_lists_and_maps_of_times_keep_what_they_do_not_say(generated: _Generated) -> None:
    for message, member, key in (("people.v1.Many", "durations", 0), ("people.v1.Values", "spans", True)):
        model_class = generated.classes[message]
        kept = message_class(model_class)()
        values = getattr(kept, member)
        for one in (values.add(), values.add()) if key == 0 else (values[True], values[False]):
            one.nanos = 1500
        same, changed = model_class.from_flyte_idl(kept), model_class.from_flyte_idl(kept)
        getattr(same, member)[key] = Duration(nanos=1000)
        assert same.to_flyte_idl() == kept == message_class(model_class).FromString(same.to_bytes())
        getattr(changed, member)[key] = Duration(nanos=2000)
        assert getattr(changed.to_flyte_idl(), member)[key].nanos == 2000
        assert changed.to_flyte_idl() == message_class(model_class).FromString(changed.to_bytes())


def test_what_is_packed_has_one_order(generated: _Generated) -> None:
    packed = generated.classes["people.v1.Values"], generated.classes["people.v1.Many"]
    names = [str(number) for number in range(9)]
    one, other = (packed[0](structs={name: {} for name in order}) for order in (names, names[::-1]))
    assert packed[1](anys=[one]) == packed[1](anys=[other])
    assert packed[1](anys=[one]).to_bytes() == packed[1](anys=[other]).to_bytes()


def test_of_structs_under_one_key_the_last_counts(generated: _Generated) -> None:
    model = generated.classes["people.v1.Values"]
    for member in ("structs", "values"):
        given = model(**{member: {"a": {"x": 1}, b"a": {"y": 2}}})
        assert given.to_bytes() == model(**{member: {"a": {"y": 2}}}).to_bytes()
