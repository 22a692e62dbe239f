"""The committed idl/ against the released package: equal, field by field, apart from the options left out."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
from collections import Counter
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from flytekit_codegen.sync import available_versions, read_lock, sync
from flytekit_codegen.sync.descriptors import WheelDescriptors
from flytekit_codegen.sync.elements import elements
from flytekit_codegen.sync.kept import kept
from flytekit_codegen.sync.lock import digest
from flytekit_codegen.sync.names import TypeNames
from flytekit_codegen.sync.protoc import compile_tree
from flytekit_codegen.sync.release import default_cache, fetch

IDL = Path(__file__).parents[3] / "idl"
LEFT_OUT_IMPORTS = {
    "flyteidl": {
        "google/api/annotations.proto",
        "protoc-gen-openapiv2/options/annotations.proto",
        "validate/validate.proto",
    },
    "flyteidl2": {"google/api/annotations.proto", "buf/validate/validate.proto"},
}


def comparable(message, left_out):
    """A descriptor as plain data, without custom options and the imports left out, whoever compiled it."""
    found = {}
    for field, value in message.ListFields():
        if field.is_extension or field.name == "source_code_info":
            continue
        if field.name in ("public_dependency", "weak_dependency"):
            found[field.name] = [message.dependency[index] for index in value]
        elif field.name == "dependency":
            found[field.name] = [name for name in value if name not in left_out]
        elif field.message_type is None:
            found[field.name] = value if field.enum_type or isinstance(value, str | bytes | int) else list(value)
        elif field.name == "options":
            found[field.name] = comparable(value, left_out)
        else:
            found[field.name] = [comparable(item, left_out) for item in value]
    return {name: value for name, value in found.items() if value not in ({}, [])}


def counts(files):
    return Counter(element.kind for file in files for element in elements(file))


def test_idl_is_the_installed_release(lab):
    version = read_lock(IDL).release.version
    if importlib.metadata.version("flyteidl") != version:
        pytest.skip(f"flyteidl {version} isn't the one installed here; the digests and the network tests cover it")
    compiled = lab.compiled(IDL)
    released = {}
    for path in importlib.metadata.files("flyteidl"):
        if path.name.endswith("_pb2.py"):
            module = importlib.import_module(".".join(path.with_suffix("").parts))
            file = descriptor_pb2.FileDescriptorProto()
            module.DESCRIPTOR.CopyToProto(file)
            released[file.name] = file
    left_out = LEFT_OUT_IMPORTS["flyteidl"]
    assert compiled.keys() == released.keys()
    for name, file in released.items():
        assert comparable(compiled[name], left_out) == comparable(file, left_out), name


def test_idl_is_whole():
    lock = read_lock(IDL)
    compiled = compile_tree(IDL, sorted(lock.files))
    assert {path.relative_to(IDL).as_posix() for path in IDL.rglob("*.proto")} == lock.files.keys()
    found = counts(compiled.values())
    assert len(compiled) == 63
    assert [found[kind] for kind in ("message", "enum", "service", "rpc")] == [437, 53, 11, 92]
    assert (found["field"], found["value"]) == (1308, 205)


def test_the_lock_has_the_digest_of_each_file():
    lock = read_lock(IDL)
    compiled = compile_tree(IDL, sorted(lock.files))
    names = TypeNames(compiled.values())
    assert {name: digest(kept(file, "flyteidl", names.defined_in)) for name, file in compiled.items()} == lock.files


def _check(lab, distribution, version):
    """Sync one release into an empty folder and compare what it wrote with the release."""
    idl = lab.idl / version
    idl.mkdir(parents=True)
    if distribution == "flyteidl":
        shutil.copy(IDL / "history.json", idl)  # Or each version would read all that came before it.
    sync(version, idl, distribution=distribution, cache=default_cache())
    compiled = lab.compiled(idl)
    wheel = WheelDescriptors(fetch(distribution, version, default_cache()).wheel)
    released = {name: wheel[name] for name in wheel.under(distribution)}
    left_out = LEFT_OUT_IMPORTS[distribution]
    assert compiled.keys() - released.keys() <= {"google/rpc/status.proto"}
    for name, file in released.items():
        for message in (file, compiled[name]):
            message.DiscardUnknownFields()
        assert comparable(compiled[name], left_out) == comparable(file, left_out), name
    assert counts(compiled[name] for name in released) == counts(released.values())
    before = lab.snapshot()
    assert not sync(version, idl, distribution=distribution, cache=default_cache()).changed
    assert lab.snapshot() == before


@pytest.fixture
def online(lab, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    return lab


@pytest.mark.network
def test_every_release_from_1_10_0_on_syncs(online):
    versions = [str(version) for version in available_versions("flyteidl")]
    versions = versions[versions.index("1.10.0") :]
    assert {"1.10.0", "1.13.0", "1.14.0", "1.15.3", "1.16.8"} <= set(versions)
    for version in versions:
        if version.startswith("1."):
            _check(online, "flyteidl", version)


@pytest.mark.network
def test_flyteidl2_syncs(online):
    _check(online, "flyteidl2", str(available_versions("flyteidl2")[-1]))


@pytest.mark.network
def test_idl_is_what_a_sync_of_its_release_writes(online):
    shutil.copytree(IDL, online.idl)
    before = online.snapshot()
    assert not sync(read_lock(IDL).release.version, online.idl, cache=default_cache()).changed
    assert online.snapshot() == before
