"""Schemas that protoc takes and that are awkward in Python: each generates, imports and works."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from generator import compile_protos

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.problems import GenerationError
from flytekit_models.errors import MessagesMissing
from flytekit_models.model import describe

_PROTO3 = 'syntax = "proto3";\n'

_NUMBERS = itertools.count()

Make = Callable[..., Callable[[str], Any]]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Write a tree of .proto files, generate its models, and give a way to import what was made.

    Protobuf knows each file and message once in a process, so `$N` in names and texts is a name of the test's own.
    """
    name = f"awkward{next(_NUMBERS)}"

    def made(files: dict[str, str | bytes], **options: Any) -> Callable[[str], ModuleType]:
        for path, content in files.items():
            file = tmp_path / "idl" / path.replace("$N", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            raw = content if isinstance(content, bytes) else content.encode()
            file.write_bytes(raw.replace(b"$N", name.encode()))
        pipeline.regenerate(
            pipeline.Options(
                idl=tmp_path / "idl", output=tmp_path, contract=None, package=f"{name}_models.all", **options
            )
        )
        pb2 = tmp_path / "pb2"
        compile_protos(tmp_path / "idl", pb2)
        monkeypatch.syspath_prepend(str(pb2))
        monkeypatch.syspath_prepend(str(tmp_path))

        def load(module: str) -> ModuleType:
            module = module.replace("$N", name)
            return importlib.import_module(module[1:] if module[0] == "/" else f"{name}_models.all.{module}")

        return load

    return made


def _listed(tmp_path: Path) -> list[str]:
    (package,) = tmp_path.glob("*_models")
    return sorted(path.relative_to(package / "all").as_posix() for path in package.rglob("*.py"))


def test_options_of_others(make: Make, tmp_path: Path) -> None:
    """A file of options is no reason to refuse the tree that imports it, and gets no module."""
    load = make(
        {
            "$N/options.proto": 'syntax = "proto2";\npackage $N.o;\nimport "google/protobuf/descriptor.proto";\n'
            "extend google.protobuf.FieldOptions { optional bool sensitive = 50077; }\n",
            "$N/a.proto": f'{_PROTO3}package $N;\nimport "$N/options.proto";\n'
            "message M { string s = 1 [($N.o.sensitive) = true]; }\n",
        }
    )
    assert load("a").M(s="x").to_flyte_idl().s == "x"
    assert _listed(tmp_path) == ["__init__.py", "a.py"]


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        ("_1080P", "VALUE_1080P"),
        ("_1", "VALUE_1"),
        ("__1__", "VALUE_1__"),
        ("_", "VALUE_"),
        ("_A", "A_"),
        ("mro", "mro_"),
        ("None", "None_"),
    ],
)
def test_values_that_no_enum_of_python_can_have(make: Make, declared: str, named: str) -> None:
    load = make({"$N.proto": f"{_PROTO3}package $N;\nenum Res {{ ZERO = 0; {declared} = 1; }}\n"})
    assert load("$N").Res(1).name == named


def test_a_value_that_begins_with_a_digit_without_its_prefix(make: Make, tmp_path: Path) -> None:
    contract = tmp_path / "contract"
    contract.mkdir()
    (contract / "things.yaml").write_text("enums:\n  Res: {enum: stripped.Res, strip: RES_}\n")
    (tmp_path / "idl").mkdir()
    (tmp_path / "idl" / "s.proto").write_text(
        f"{_PROTO3}package stripped;\nenum Res {{ RES_NONE = 0; RES_720P = 1; RES__1 = 2; }}\n"
    )
    options = pipeline.Options(idl=tmp_path / "idl", output=tmp_path, contract=contract, package="stripped_models")
    (holder,) = (holder for _, holder in pipeline.regenerate(options).package.holders())
    assert [value.name for value in holder.values] == ["NONE", "RES_720P", "VALUE_1"]


_LOCALS = {
    "arm": (
        {"a.proto": "message kind_arm { int32 x = 1; }\nmessage M { oneof kind { kind_arm a = 1; int32 b = 2; } }\n"},
        {"a": {"x": 1}},
    ),
    "arms": (
        {"a.proto": "message kind_arms { int32 x = 1; }\nmessage M { oneof kind { kind_arms a = 1; int32 b = 2; } }\n"},
        {"a": {"x": 1}},
    ),
    "item": (
        {
            "a.proto": 'import "google/protobuf/timestamp.proto";\nmessage foo_item { int32 x = 1; }\n'
            "message M { repeated google.protobuf.Timestamp foo = 1; foo_item bar = 2; }\n"
        },
        {"foo": [{"seconds": 1}], "bar": {"x": 1}},
    ),
    "key": (
        {
            "a.proto": 'import "google/protobuf/timestamp.proto";\nmessage foo_key { int32 x = 1; }\n'
            "message M { map<string, google.protobuf.Timestamp> foo = 1; foo_key bar = 2; }\n"
        },
        {"foo": {"k": {"seconds": 1}}, "bar": {"x": 1}},
    ),
    "builtin": (
        {"a.proto": "message getattr { int32 x = 1; }\nmessage M { getattr bar = 2; int32 class = 3; }\n"},
        {"bar": {"x": 1}, "class": 3},
    ),
    "module": (
        {
            "foo_arm.proto": "message X { int32 x = 1; }\n",
            "a.proto": 'import "$N/foo_arm.proto";\nmessage M { oneof _foo { X m = 1; int32 i = 2; } }\n',
        },
        {"m": {"x": 1}},
    ),
    "oneofs alike": (
        {"a.proto": "message M { oneof aB { int32 x = 1; int32 y = 2; } oneof a_b { string s = 3; string t = 4; } }\n"},
        {"x": 0, "s": ""},
    ),
}


@pytest.mark.parametrize("name", _LOCALS)
def test_local_names_hide_nothing(make: Make, name: str) -> None:
    files, values = _LOCALS[name]
    load = make({f"$N/{file}": f"{_PROTO3}package $N;\n{text}" for file, text in files.items()})
    message = load("/$N.a_pb2").M(**values)
    model = load("a").M.from_flyte_idl(message)
    members = {member: getattr(model, member) for member in describe(type(model)).by_member}
    assert load("a").M(**members).to_flyte_idl() == message


def test_parameters_hide_no_class_in_the_constructor(make: Make) -> None:
    """A lower-case message with a field of its own name, and what constructors call."""
    load = make(
        {
            "$N.proto": f"{_PROTO3}package $N;\nmessage def {{ def def = 1; enum lambda {{ pass = 0; one = 1; }}\n"
            "repeated lambda lambdas = 2; lambda of = 3; }\nenum shade { LIGHT = 0; DARK = 1; }\n"
            "message M { shade shade = 1; repeated shade as_member = 2; repeated string as_list = 3;\n"
            "repeated shade as_members = 4; repeated string engine = 5; }\n"
        }
    )
    module = load("$N")
    model = module.def_(lambdas=[1], of=1)
    assert model.to_flyte_idl().lambdas == [1] and model.lambdas == [module.def_.lambda_.one]
    assert module.def_(def_=model).def_ is model
    values = dict(zip(describe(module.M).by_member, (1, [1], ["a"], [0], ["b"]), strict=True))
    written = module.M(**values).to_flyte_idl()
    assert [list(value) if field.number > 1 else value for field, value in written.ListFields()] == list(
        values.values()
    )


def test_oneofs_alike_have_a_property_each(make: Make) -> None:
    load = make({"$N.proto": f"{_PROTO3}package $N;\n{_LOCALS['oneofs alike'][0]['a.proto']}"})
    model = load("$N").M(y=7, s="s")
    assert (model.aB, model.a_b) == (7, "s")


def test_comments_that_are_not_utf8(make: Make) -> None:
    content = f"{_PROTO3}package $N;\n// M\xfcller\nmessage M {{\n  // \xa7 1\n  int32 a = 1;\n}}\n"
    load = make({"$N.proto": content.encode("latin-1")})
    assert load("$N").M.__doc__.startswith("Müller")
    assert "§ 1" in load("$N").M.a.__doc__


def test_imports_of_other_endings(make: Make, tmp_path: Path) -> None:
    load = make(
        {
            "$N/a.PROTO": f"{_PROTO3}package $N;\nmessage A {{ int32 x = 1; }}\n",
            "$N/d.protodevel": f"{_PROTO3}package $N;\nmessage D {{ int32 x = 1; }}\n",
            "$N/b.proto": f'{_PROTO3}package $N;\nimport "$N/a.PROTO";\nimport "$N/d.protodevel";\n'
            "message B { A a = 1; D d = 2; }\n",
        }
    )
    model = load("b").B(a=load("a.PROTO").A(x=1), d=load("d").D(x=2))
    assert (model.a.x, model.d.x) == (1, 2)
    assert describe(load("d").D).pb2.partition(":")[0].endswith(".d_pb2")


def test_linked_folders(make: Make, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "o.proto").write_text(f"{_PROTO3}package linked.others;\nmessage O {{ int32 x = 1; }}\n")
    idl = tmp_path / "idl"
    (idl / "own").mkdir(parents=True)
    (idl / "others").symlink_to(others)
    # Neither a link to what is there anyway nor one into itself is followed.
    (idl / "again").symlink_to(idl / "own")
    (others / "loop").symlink_to(idl)
    (idl / "own" / "a.proto").write_text(
        f'{_PROTO3}package linked;\nimport "others/o.proto";\nmessage A {{ linked.others.O o = 1; }}\n'
    )
    assert Sources(idl).names() == ["others/o.proto", "own/a.proto"]
    load = make({})
    assert load("own.a").A(o=load("others.o").O(x=1)).o.x == 1


@pytest.mark.parametrize(
    ("file", "module"), [("c++", "c__"), ("my file", "my_file"), ("a@b", "a_b"), ("ünï", "ünï"), ("2nd~", "_2nd_")]
)
def test_file_names_that_are_no_names_in_python(make: Make, file: str, module: str) -> None:
    load = make(
        {
            f"$N/{file}.proto": f"{_PROTO3}package $N;\nmessage A {{ int32 x = 1; }}\n",
            "$N/user.proto": f'{_PROTO3}package $N;\nimport "$N/{file}.proto";\nmessage B {{ A a = 1; }}\n',
        }
    )
    model = load("user").B(a=load(module).A(x=1))
    assert model.a.to_flyte_idl().x == 1
    if file.isidentifier():
        assert model.to_flyte_idl().a.x == 1
    else:
        # What protoc makes of an importing file is no Python then.
        with pytest.raises(MessagesMissing, match="cannot be imported: SyntaxError"):
            model.to_flyte_idl()


def test_own_messages_beside_the_well_known_ones(make: Make, tmp_path: Path) -> None:
    """protobuf's own files are taken as they are, wherever they lie; whatever else is below google/ gets models."""
    load = make(
        {
            "google/protobuf/$N.proto": f"{_PROTO3}package google.protobuf.$N;\n"
            'import "google/protobuf/empty.proto";\nmessage Own { int32 x = 1; google.protobuf.Empty e = 2; }\n',
            "google/protobuf/empty.proto": f"{_PROTO3}package google.protobuf;\nmessage Empty {{}}\n",
            "$N.proto": f'{_PROTO3}package $N;\nimport "google/protobuf/$N.proto";\n'
            "message M { google.protobuf.$N.Own own = 1; }\n",
        }
    )
    assert _listed(tmp_path) == sorted(
        ["__init__.py", "google/__init__.py", "google/protobuf/__init__.py"]
        + [f"{path.relative_to(tmp_path / 'idl').with_suffix('')}.py" for path in (tmp_path / "idl").glob("*.proto")]
        + [f"google/protobuf/{path.stem}.py" for path in (tmp_path / "idl/google/protobuf").glob("awkward*.proto")]
    )
    own = load("google.protobuf.$N").Own(x=3)
    assert load("$N").M(own=own).own is own


def test_include_and_exclude(make: Make, tmp_path: Path) -> None:
    """What is only imported gets no models; members of it are protobuf's messages."""
    other = tmp_path / "other" / "shared"
    other.mkdir(parents=True)
    (other / "s.proto").write_text(f"{_PROTO3}package inc.shared;\nmessage S {{ int32 x = 1; }}\n")
    (tmp_path / "pb2").mkdir()
    compile_protos(tmp_path / "other", tmp_path / "pb2")
    idl = tmp_path / "idl"
    (idl / "third_party").mkdir(parents=True)
    (idl / "third_party" / "t.proto").write_text(f"{_PROTO3}package inc.t;\nmessage T {{ int32 x = 1; }}\n")
    (idl / "bad.proto").write_text("no proto at all")
    (idl / "a.proto").write_text(
        f'{_PROTO3}package inc;\nimport "shared/s.proto";\nimport "third_party/t.proto";\n'
        "message A { inc.shared.S s = 1; inc.t.T t = 2; repeated inc.t.T ts = 3; map<string, inc.shared.S> m = 4; }\n"
    )
    options = {"include": (tmp_path / "other",), "exclude": ("third_party", "bad.*")}
    given = pipeline.Options(idl=idl, output=tmp_path, contract=None, package="inc_models", **options)
    summary = pipeline.regenerate(given)
    assert [path for path, _ in summary.package.models()] == ["inc_models.a.A"]
    assert "s: s_pb2.S | None" in (tmp_path / "inc_models" / "a.py").read_text()


def test_what_is_not_found_names_include(make: Make) -> None:
    with pytest.raises(GenerationError, match="add the folder with --include"):
        make({"$N.proto": f'{_PROTO3}import "gone/g.proto";\nmessage M {{ gone.G g = 1; }}\n'})


def test_what_cannot_be_read_names_exclude(make: Make) -> None:
    with pytest.raises(GenerationError, match=r"--exclude .*\.proto"):
        make({"$N.proto": f"{_PROTO3}package $N;\nmessage M {{ int32 ByteSize = 1; }}\n"})


def test_everything_is_excluded(tmp_path: Path) -> None:
    (tmp_path / "a.proto").write_text(_PROTO3)
    with pytest.raises(GenerationError, match="that is not excluded"):
        pipeline.regenerate(pipeline.Options(idl=tmp_path, output=tmp_path, contract=None, package="m", exclude=("*",)))


def test_protobuf_classes_that_are_not_there(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = make({"$N.proto": f"{_PROTO3}package $N;\nmessage M {{ int32 x = 1; }}\n"})
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(tmp_path / "pb2")])
    with pytest.raises(MessagesMissing, match=r"no module .*_pb2: protoc makes it .*--python_out=.*sys\.path"):
        load("$N").M(x=1).to_flyte_idl()


@pytest.mark.parametrize("content", ["import gone_altogether", "raise TypeError('made by a newer protoc')", "1x"])
def test_protobuf_classes_that_fail_to_import(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    load = make({"$N.proto": f"{_PROTO3}package $N;\nmessage M {{ int32 x = 1; }}\n"})
    (module,) = (tmp_path / "pb2").glob("*_pb2.py")
    module.write_text(content)
    with pytest.raises(MessagesMissing, match=r"_pb2 cannot be imported: \w+Error: "):
        load("$N").M(x=1).to_flyte_idl()
