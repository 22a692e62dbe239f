"""Whatever a person can name as a schema is one; whatever is none is refused in one sentence."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import fsspec
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from flytekit_codegen.diff import DiffError, side
from flytekit_codegen.pipeline.step1_read.idl import compile_protos
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.sync import SyncError

TEXT = (
    'syntax = "proto3";\npackage tinyidl;\nimport "google/protobuf/wrappers.proto";\n'
    "message A { string x = 1; google.protobuf.BoolValue b = 2; }\n"
)
PROTOS = {"tinyidl/a.proto": TEXT, "tinyidl/sub/b.proto": 'syntax = "proto3";\npackage tinyidl.sub;\nmessage B {}\n'}


@pytest.fixture
def folder(tmp_path):
    for name, text in PROTOS.items():
        path = tmp_path / "protos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "protos" / "README.md").write_text("No schema.")
    return tmp_path / "protos"


@pytest.fixture
def named(tmp_path, lab):
    """Asks for a side, with idl/ where the tests keep it."""

    def ask(name, idl=None):
        scratch = tmp_path / "scratch" / str(len(list((tmp_path / "scratch").glob("*"))))
        scratch.mkdir(parents=True)
        return side(name, scratch, idl=idl or lab.idl, cache=lab.cache)

    (tmp_path / "scratch").mkdir(exist_ok=True)
    return ask


def _declared(folder: Path) -> dict[str, FileDescriptorProto]:
    """What the files of a folder declare, by name."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.proto"))
    files = {file.name: file for file in compile_protos(Sources(folder), names).file if file.name in names}
    for file in files.values():
        file.ClearField("source_code_info")
    return files


def test_a_folder(named, folder):
    found = named(str(folder))
    assert (found.label, found.folder, found.version) == (str(folder), folder, None)


@pytest.mark.parametrize("imports", [True, False], ids=["with imports", "without imports"])
def test_a_descriptor_set(named, folder, tmp_path, imports):
    image = compile_protos(Sources(folder), sorted(PROTOS))
    if not imports:
        image = FileDescriptorSet(file=[file for file in image.file if file.name in PROTOS])
    path = tmp_path / "schema.binpb"
    path.write_bytes(image.SerializeToString())
    assert _declared(named(str(path)).folder) == _declared(folder)


@pytest.mark.parametrize("name", ["1.0", "v1.0", "tinyidl==1.0"])
def test_a_release(named, lab, folder, monkeypatch, name):
    lab.cached("tinyidl", "1.0", PROTOS)
    monkeypatch.setattr("flytekit_codegen.diff.sides.DEFAULT_DISTRIBUTION", "tinyidl")
    found = named(name)
    assert (found.label, found.distribution, found.version) == ("tinyidl 1.0", "tinyidl", "1.0")
    assert _declared(found.folder) == _declared(folder)


@pytest.fixture
def repository(tmp_path, folder):
    """A git repository with a commit that has the schema, and a later one that has not."""
    root = tmp_path / "repository"
    root.mkdir()

    def git(*arguments):
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@localhost", "-c", "init.defaultBranch=trunk"]
        subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)

    git("init")
    (folder.rename(root / "idl"))
    git("add", ".")
    git("commit", "--message=Schema")
    git("tag", "first")
    for path in (root / "idl").rglob("*.proto"):
        path.write_text(path.read_text().replace("message B {}", "message B { string new = 1; }"))
    git("commit", "--all", "--message=More")
    return root


def test_a_git_revision(named, repository):
    for name in ("first", "HEAD~1", "first:idl", "tags/first"):
        found = named(name, idl=repository / "idl")
        declared = _declared(found.folder)
        assert sorted(declared) == sorted(PROTOS) and not declared["tinyidl/sub/b.proto"].message_type[0].field
        assert not (found.folder / "README.md").exists()
    assert _declared(named("HEAD", idl=repository / "idl").folder) == _declared(repository / "idl")
    assert sorted(_declared(named("first:idl/tinyidl", idl=repository / "gone" / "idl").folder)) == [
        "a.proto",
        "sub/b.proto",
    ]


def test_a_revision_whose_idl_is_elsewhere(named, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(repository)
    other = tmp_path / "link"
    other.symlink_to(repository)
    assert sorted(_declared(named("first", idl=other / "idl").folder)) == sorted(PROTOS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trunk:nowhere", r"The git revision trunk has no folder nowhere\."),
        ("no-such-branch", "'no-such-branch' is not a folder, file, .* or revision of a git repository around"),
        ("--help", "'--help' is not a folder"),
        ("", "'' is not a folder"),
    ],
)
def test_no_revision(named, repository, name, expected):
    with pytest.raises(DiffError, match=expected) as caught:
        named(name, idl=repository / "idl")
    assert "\n" not in str(caught.value)


def test_without_git(named, repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DiffError, match="git is not installed"):
        named("first", idl=repository / "idl")


def test_urls_of_a_folder(named, folder, tmp_path):
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (*PROTOS, "../README.md"):
            archive.writestr(f"protos/{name}", PROTOS.get(name, ""))
    memory = fsspec.filesystem("memory")
    for name, text in PROTOS.items():
        memory.pipe(f"/diff-test/{name}", text.encode())
    for url in (f"file://{folder}", f"zip://protos::file://{packed}", f"zip://protos/::{packed}", "memory://diff-test"):
        assert _declared(named(url).folder) == _declared(folder), url


def test_urls_of_a_descriptor_set(named, folder):
    content = compile_protos(Sources(folder), sorted(PROTOS)).SerializeToString()
    fsspec.filesystem("memory").pipe("/diff-test.binpb", content)
    assert _declared(named("memory://diff-test.binpb").folder) == _declared(folder)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory://nothing-there", r"memory://nothing-there is neither a file nor a folder with \.proto files\."),
        ("nowhere://x", r"nowhere://x cannot be read: Protocol not known: nowhere\."),
        ("zip://x::file:///no/such.zip", r"such\.zip cannot be read: .*\."),
    ],
)
def test_urls_of_nothing(named, url, expected):
    with pytest.raises(DiffError, match=expected) as caught:
        named(url)
    assert "\n" not in str(caught.value)


def test_an_error_without_a_text_is_told_by_its_name(named, monkeypatch):
    def fail(url):
        raise ConnectionError

    monkeypatch.setattr("fsspec.core.url_to_fs", fail)
    with pytest.raises(DiffError, match=r"s3://a/b cannot be read: ConnectionError\."):
        named("s3://a/b")


def _set(*files: FileDescriptorProto) -> bytes:
    return FileDescriptorSet(file=files).SerializeToString()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xff no descriptors", "is neither a folder of .proto files nor a readable descriptor set"),
        (b"", "has no descriptor of a .proto file"),
        (_set(FileDescriptorProto(name="google/protobuf/any.proto")), "has no descriptor of a .proto file"),
        (
            _set(FileDescriptorProto(name="../out.proto", syntax="proto3")),
            r"named '\.\./out\.proto', which is not a path below",
        ),
        (
            _set(FileDescriptorProto(name="/out.proto", syntax="proto3")),
            "named '/out.proto', which is not a path below",
        ),
        (
            _set(FileDescriptorProto(name="new.proto", syntax="editions")),
            "new.proto is written in editions, but sync writes only proto2 and proto3",
        ),
    ],
    ids=["damaged", "empty", "imports only", "outside", "absolute", "editions"],
)
def test_sets_that_are_none(named, tmp_path, content, expected):
    path = tmp_path / "schema.binpb"
    path.write_bytes(content)
    with pytest.raises((DiffError, SyncError), match=expected) as caught:
        named(str(path))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.proto").exists()


def test_a_release_that_does_not_exist(named, lab):
    lab.publish("flyteidl", "1.0", {"flyteidl/a.proto": 'syntax = "proto3";\npackage flyteidl;\n'})
    with pytest.raises(SyncError, match=r"flyteidl 1\.99 could not be fetched .* no such version"):
        named("1.99")


def test_a_damaged_release(named, lab):
    wheel = lab.cached("tinyidl", "1.0", PROTOS)
    wheel.write_bytes(wheel.read_bytes()[:100])
    with pytest.raises(SyncError, match="is damaged and cannot be read"):
        named("tinyidl==1.0")
