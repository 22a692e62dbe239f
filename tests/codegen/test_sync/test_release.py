"""Which releases there are, and fetching one, through pip as it is configured."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen.sync import SyncError, available_versions, sync
from flytekit_codegen.sync.release import fetch

PROTOS = {"tinyidl/a.proto": 'syntax = "proto3";\npackage tinyidl;\nmessage A {}\n'}


def test_stable_versions_are_listed_oldest_first(lab):
    for version in ("1.10.0", "1.9", "2.0rc1", "2.0.dev1", "0.1"):
        (lab.links / f"tinyidl-{version}-py3-none-any.whl").write_bytes(b"")
    assert [str(version) for version in available_versions("tinyidl")] == ["0.1", "1.9", "1.10.0"]


def test_a_wheel_is_downloaded_once(lab):
    wheel = lab.publish("tiny-idl", "1.0", PROTOS)
    first = fetch("Tiny_IDL", "1.0", lab.cache)
    assert (first.distribution, first.version) == ("tiny-idl", "1.0")
    assert first.wheel == lab.cache / "tiny-idl" / wheel.name and first.wheel.read_bytes() == wheel.read_bytes()
    assert list(first.wheel.parent.iterdir()) == [first.wheel]
    wheel.unlink()
    (lab.cache / "tiny-idl" / "not-a-wheel-name.whl").write_bytes(b"")
    assert fetch("tiny-idl", "1.0.0", lab.cache) == first


def test_nothing_of_a_wheel_is_run(lab, tmp_path):
    wheel = lab.publish("tinyidl", "1.0", PROTOS)
    marker = tmp_path / "was-run"
    bomb = f"open({str(marker)!r}, 'w')\n"
    lab.rewrite(wheel, "tinyidl/a_pb2.py", bomb + f"x.AddSerializedFile({_descriptor()!r})\n")
    assert "message A {}" in _synced_text(lab)
    assert not marker.exists()


def _descriptor():
    file = FileDescriptorProto(name="tinyidl/a.proto", syntax="proto3")
    file.message_type.add(name="A")
    return file.SerializeToString()


def _synced_text(lab):
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    return lab.text("tinyidl/a.proto")


def _broken_wheel(lab):
    (lab.links / "tinyidl-1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 and nothing more")


BAD = {
    "no such version": (
        "tinyidl",
        "9.9",
        r"tinyidl 9\.9 could not be fetched .*: there is no such version with a wheel\.",
    ),
    "no such distribution": (
        "nowhere",
        "1.0",
        r"nowhere 1\.0 could not be fetched .*: the index has no wheel of it, or",
    ),
    "no version": ("tinyidl", "newest", r"'newest' is not a version number \(expected something like 1\.16\.8\)\."),
    "no name": ("--index-url=x", "1.0", r"'--index-url=x' is not a distribution name\."),
    "corrupt wheel": ("tinyidl", "1.0", r"tinyidl 1\.0 could not be fetched from the package index: .*invalid\."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(lab, case):
    distribution, version, expected = BAD[case]
    _broken_wheel(lab)
    with pytest.raises(SyncError, match=expected) as caught:
        sync(version, lab.idl, distribution=distribution, cache=lab.cache)
    assert "\n" not in str(caught.value)
    assert not lab.idl.exists()


def test_releases_that_cannot_be_listed(lab):
    with pytest.raises(SyncError, match="The releases of nowhere could not be fetched from the package index"):
        available_versions("nowhere")


def test_a_cache_that_cannot_be_written(lab):
    lab.publish("tinyidl", "1.0", PROTOS)
    lab.cache.write_text("a file where the folder should be")
    with pytest.raises(SyncError, match=r"The download folder .*/cache/tinyidl cannot be written: Not a directory"):
        fetch("tinyidl", "1.0", lab.cache)


def test_a_cached_wheel_that_cannot_be_read(lab):
    (lab.cache / "tinyidl" / "tinyidl-1.0-py3-none-any.whl").mkdir(parents=True)
    with pytest.raises(SyncError, match=r"tinyidl-1\.0-py3-none-any\.whl cannot be read: Is a directory"):
        fetch("tinyidl", "1.0", lab.cache)


def _python_that(tmp_path, script):
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    return str(stand_in)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'No module named pip' >&2; exit 1", "has no pip, which sync needs"),
        ("echo 'ERROR: Something else.' >&2; echo more >&2; exit 1", "package index: Something else."),
        ("echo 'Something plain.' >&2; exit 1", "package index: Something plain."),
        ("exit 1", "package index: pip failed without a message."),
        ("exit 0", "The releases of tinyidl could not be listed: pip's output has no versions."),
        ("sleep 20", "The releases of tinyidl could not be fetched: pip did not answer within 0.2 s."),
    ],
)
def test_what_pip_does_not_say_clearly(lab, tmp_path, monkeypatch, script, expected):
    monkeypatch.setattr(
        "sys.executable", _python_that(tmp_path, f"exec 2>&1; {script}" if "sleep" in script else script)
    )
    monkeypatch.setattr("flytekit_codegen.sync.release._PIP_TIMEOUT_SECONDS", 0.2 if "sleep" in script else 60)
    with pytest.raises(SyncError) as caught:
        available_versions("tinyidl")
    assert expected in str(caught.value)
