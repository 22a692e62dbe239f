"""flytekit.core.local_fsspec, on this operating system and on a pretended Windows."""

from __future__ import annotations

import doctest
import importlib.util
import ntpath
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from flytekit.core.local_fsspec import FlyteLocalFileSystem

_spec = importlib.util.spec_from_file_location("windows_disk", Path(__file__).with_name("windows_disk.py"))
assert _spec is not None
assert _spec.loader is not None
windows_disk = importlib.util.module_from_spec(_spec)
sys.modules["windows_disk"] = windows_disk
_spec.loader.exec_module(windows_disk)

DOCS = Path(__file__).parents[2] / "docs" / "utilities"
TREE = {"a.txt": "A", "sub folder/b.txt": "B", "sub folder/deep/ü.bin": "U"}


@pytest.fixture
def disk(tmp_path: Path) -> Any:
    return windows_disk.WindowsDisk(tmp_path)


@pytest.fixture
def windows(disk: Any) -> Iterator[Any]:
    """The class on Windows."""
    with disk.mounted() as filesystem:
        yield filesystem


# --- on this operating system ----------------------------------------------------------------------------------------


def test_the_separator_is_the_operating_systems() -> None:
    assert FlyteLocalFileSystem.sep == FlyteLocalFileSystem().sep == os.sep


def test_all_else_is_fsspecs() -> None:
    assert issubclass(FlyteLocalFileSystem, LocalFileSystem)
    own = {name for name in vars(FlyteLocalFileSystem) if not name.startswith("_")}
    assert own == {"sep"}
    assert FlyteLocalFileSystem.protocol == LocalFileSystem.protocol
    assert FlyteLocalFileSystem.root_marker == LocalFileSystem.root_marker


def test_the_options_are_fsspecs(tmp_path: Path) -> None:
    file = tmp_path / "not" / "there" / "yet.txt"
    with pytest.raises(FileNotFoundError), FlyteLocalFileSystem().open(str(file), "w"):
        pass
    with FlyteLocalFileSystem(auto_mkdir=True).open(str(file), "w") as opened:
        opened.write("there")
    assert file.read_text() == "there"


def test_recursive_copies(tmp_path: Path) -> None:
    filesystem = FlyteLocalFileSystem(auto_mkdir=True)
    for name, text in TREE.items():
        filesystem.pipe(str(tmp_path / "source" / name), text.encode())
    filesystem.put(str(tmp_path / "source"), str(tmp_path / "put"), recursive=True)
    filesystem.get(str(tmp_path / "put"), str(tmp_path / "got"), recursive=True)
    found = {file.relative_to(tmp_path / "got").as_posix(): file.read_text() for file in _files(tmp_path / "got")}
    assert found == TREE


def _files(top: Path) -> list[Path]:
    return [path for path in top.rglob("*") if path.is_file()]


# --- on Windows ------------------------------------------------------------------------------------------------------


def test_the_separator_is_a_backslash(windows: Any) -> None:
    assert windows.sep == windows().sep == ntpath.sep


@pytest.mark.parametrize(
    ("path", "stripped"),
    [
        ("C:\\folder\\file", "C:/folder/file"),
        ("C:/folder/file", "C:/folder/file"),
        ("C:\\folder/mixed\\file", "C:/folder/mixed/file"),
        ("C:\\folder\\", "C:/folder"),
        ("C:\\", "C:/"),
        ("C:/", "C:/"),
        ("c:", "c:/"),
        ("file://C:\\folder\\file", "C:/folder/file"),
        ("file:///C:/folder/file", "C:/folder/file"),
        ("local://C:\\folder", "C:/folder"),
        ("file:C:\\folder", "C:/folder"),
        ("\\\\server\\share\\folder\\", "//server/share/folder"),
        ("//server/share/folder", "//server/share/folder"),
        ("\\rooted\\file", "C:/rooted/file"),
        ("relative\\file", "C:/work/relative/file"),
        (".\\relative", "C:/work/relative"),
        (".", "C:/work"),
        ("~\\file", "C:/Users/me/file"),
        (Path("relative"), "C:/work/relative"),
    ],
)
def test_strip_protocol(windows: Any, path: str, stripped: str) -> None:
    assert windows._strip_protocol(path) == stripped
    assert windows._strip_protocol(stripped) == stripped


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("C:\\folder\\file", "C:/folder"),
        ("C:/folder/file", "C:/folder"),
        ("C:\\folder\\sub\\", "C:/folder"),
        ("C:\\folder", "C:/"),
        ("C:\\", "C:/"),
        ("file://D:\\data\\x.csv", "D:/data"),
        ("\\\\server\\share\\folder\\file", "//server/share/folder"),
        ("\\\\server\\share\\file", "//server/share"),
        ("relative\\file", "C:/work/relative"),
        ("file", "C:/work"),
    ],
)
def test_parent(windows: Any, path: str, parent: str) -> None:
    assert windows._parent(path) == parent


@pytest.mark.parametrize("path", ["C:\\a", "C:\\a\\b", "C:\\a\\b\\c.d", "D:\\x y\\ü", "\\\\server\\share\\a\\b"])
def test_the_answers_mean_what_ntpath_means(windows: Any, path: str) -> None:
    assert ntpath.normpath(windows._strip_protocol(path)) == path
    assert ntpath.normpath(windows._parent(path)) == ntpath.dirname(path)


def test_paths_joined_by_the_separator_are_understood(windows: Any) -> None:
    filesystem = windows(auto_mkdir=True)
    path = filesystem.sep.join(["C:\\data", "sub", "file.txt"])
    assert path == ntpath.join("C:\\data", "sub", "file.txt")
    filesystem.pipe(path, b"found")
    assert filesystem.cat("C:/data/sub/file.txt") == b"found"
    assert filesystem.ls("C:\\data") == ["C:/data/sub"]
    assert filesystem.find("C:\\data") == ["C:/data/sub/file.txt"]
    assert filesystem.info(path)["name"] == "C:/data/sub/file.txt"


@pytest.mark.parametrize("source", ["C:\\source", "C:/source", "C:\\source\\"])
@pytest.mark.parametrize("target", ["C:\\target", "D:/target", "\\\\server\\share\\target", "target"])
@pytest.mark.parametrize("copy", ["put", "get"])
def test_recursive_copies_on_windows(disk: Any, windows: Any, copy: str, source: str, target: str) -> None:
    for name, text in TREE.items():
        disk.write(f"C:\\source\\{name}", text)
    getattr(windows(auto_mkdir=True), copy)(source, target, recursive=True)
    assert disk.files(target) == TREE


@pytest.mark.parametrize("target", ["C:\\target", "C:\\target\\", "C:/target/"])
@pytest.mark.parametrize("copy", ["put", "get"])
def test_copies_into_a_directory_that_is_there(disk: Any, windows: Any, copy: str, target: str) -> None:
    for name, text in TREE.items():
        disk.write(f"C:\\source\\{name}", text)
    disk.write("C:\\target\\old", "old")
    getattr(windows(), copy)("C:\\source", target, recursive=True)
    assert disk.files(target) == {"old": "old", **{f"source/{name}": text for name, text in TREE.items()}}


@pytest.mark.parametrize("copy", ["put", "get"])
def test_copies_of_the_contents_only(disk: Any, windows: Any, copy: str) -> None:
    for name, text in TREE.items():
        disk.write(f"C:\\source\\{name}", text)
    disk.write("C:\\target\\old", "old")
    getattr(windows(), copy)("C:\\source\\", "C:\\target\\", recursive=True)
    assert disk.files("C:\\target") == {"old": "old", **TREE}


@pytest.mark.parametrize("copy", ["put", "get"])
def test_copies_of_single_files(disk: Any, windows: Any, copy: str) -> None:
    disk.write("C:\\source\\a.txt", "A")
    disk.write("C:\\source\\b.txt", "B")
    filesystem = windows(auto_mkdir=True)
    getattr(filesystem, copy)("C:\\source\\a.txt", "C:\\one\\renamed.txt")
    getattr(filesystem, copy)(["C:\\source\\a.txt", "C:\\source\\b.txt"], "D:\\both")
    getattr(filesystem, copy)("C:\\source\\*.txt", "D:\\matching\\")
    assert disk.files("C:\\one") == {"renamed.txt": "A"}
    assert disk.files("D:\\both") == disk.files("D:\\matching") == {"a.txt": "A", "b.txt": "B"}


def test_removal_and_moves(disk: Any, windows: Any) -> None:
    for name, text in TREE.items():
        disk.write(f"C:\\source\\{name}", text)
    filesystem = windows()
    filesystem.mv("C:\\source\\sub folder", "C:\\moved")
    assert disk.files("C:\\moved") == {"b.txt": "B", "deep/ü.bin": "U"}
    filesystem.rm("C:\\moved", recursive=True)
    assert not filesystem.exists("C:\\moved")
    assert filesystem.isfile("C:\\source\\a.txt")


def test_the_documented_example_runs() -> None:
    result = doctest.testfile(str(DOCS / "local_fsspec.md"), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
