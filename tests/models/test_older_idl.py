"""An IDL that is older than the models: what it lacks reads as unset, and is refused where it is set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from flytekit.models import literals, task
from flytekit_models import messages
from flytekit_models.messages import FlyteIdlTooOld
from flytekit_models.model import Model, describe, engine, message_class, plans


def older(model: type[Model], drop: set[str], plain: str = "") -> Any:
    """The message class of *model* in an older IDL: without the fields *drop*, and with the field *plain* as a bool."""
    found: Any = message_class(model)
    pool = descriptor_pool.DescriptorPool()
    seen: set[str] = set()

    def add(file: Any) -> None:
        if file.name in seen:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        for message in proto.message_type:
            if f"{proto.package}.{message.name}" == describe(model).message:
                kept = [field for field in message.field if field.name not in drop]
                for field in kept:
                    if field.name == plain:
                        field.type = field.TYPE_BOOL
                        field.ClearField("type_name")
                del message.field[:]
                message.field.extend(kept)
        pool.Add(proto)

    add(found.DESCRIPTOR.file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(describe(model).message))


def use(monkeypatch: pytest.MonkeyPatch, old: Any) -> None:
    """Have *old* be what is installed of TaskMetadata."""
    monkeypatch.setattr(task.TaskMetadata, "_fm_message_class", old)
    # How it is read and written was found out from the installed one.
    monkeypatch.setattr(plans, "_FOREIGN", {})
    monkeypatch.setattr(task.TaskMetadata, "_fm_read", engine.first_read)
    monkeypatch.setattr(task.TaskMetadata, "_fm_write", engine.first_write(task.TaskMetadata))
    monkeypatch.setattr(task.TaskMetadata, "_fm_write_own", task.TaskMetadata._fm_write)


@pytest.fixture
def old_task_metadata(monkeypatch: pytest.MonkeyPatch) -> Any:
    old = older(task.TaskMetadata, {"generates_deck", "metadata", "is_eager"})
    assert "is_eager" not in old.DESCRIPTOR.fields_by_name
    use(monkeypatch, old)
    return old


def metadata(**more: Any) -> task.TaskMetadata:
    return task.TaskMetadata(True, None, None, None, None, "1", None, None, None, (), **more)


def test_members_that_are_not_set_need_no_field(old_task_metadata: Any) -> None:
    written = metadata(generates_deck=None).to_flyte_idl()
    assert isinstance(written, old_task_metadata)
    assert written.discovery_version == "1"


def test_setting_a_member_that_the_idl_lacks_names_it(old_task_metadata: Any) -> None:
    from importlib.metadata import version

    model = metadata(generates_deck=None, k8s_object_metadata=task.K8sObjectMetadata())
    with pytest.raises(FlyteIdlTooOld) as caught:
        model.to_flyte_idl()
    for write in (model.to_bytes, lambda: hash(model)):
        with pytest.raises(FlyteIdlTooOld, match=r"^TaskMetadata\.k8s_object_metadata cannot be written"):
            write()
    text = str(caught.value)
    assert text.startswith("TaskMetadata.k8s_object_metadata cannot be written: the installed flyteidl ")
    assert version("flyteidl") in text
    assert "flyteidl.core.TaskMetadata.metadata" in text
    first = describe(task.TaskMetadata).by_member["k8s_object_metadata"].since
    assert f"flyteidl {first} is the first that has it" in text
    assert isinstance(caught.value, ValueError)


def test_reading_from_an_older_idl(old_task_metadata: Any) -> None:
    message = old_task_metadata(discovery_version="1")
    read = task.TaskMetadata.from_flyte_idl(message)
    assert (read.discovery_version, read.is_eager, read.k8s_object_metadata) == ("1", False, None)
    assert read.generates_deck is False
    read._discovery_version = "2"
    assert read.to_flyte_idl() == old_task_metadata(discovery_version="2")
    read._is_eager = True
    for write in (read.to_bytes, read.to_flyte_idl):
        with pytest.raises(FlyteIdlTooOld, match=r"TaskMetadata\.is_eager"):
            write()


def test_bytes_of_a_newer_idl(old_task_metadata: Any) -> None:
    data = metadata(is_eager=False).replace(discoverable=True).to_bytes() + b"\x70\x01"
    assert describe(task.TaskMetadata).by_member["is_eager"].number == 14
    read = task.TaskMetadata.from_bytes(data)
    assert (read.is_eager, read.discovery_version) == (False, "1")
    read._discovery_version = "2"
    assert b"\x70\x01" in read.to_bytes() and read.to_flyte_idl().discovery_version == "2"


def test_reading_a_message_of_another_descriptor_pool() -> None:
    message = older(task.TaskMetadata, {"is_eager"})(discovery_version="1", discoverable=True)
    read = task.TaskMetadata.from_flyte_idl(message)
    assert (read.discovery_version, read.is_eager) == ("1", False)
    written = read.to_flyte_idl()
    assert type(written) is message_class(task.TaskMetadata)
    assert written.SerializeToString() == message.SerializeToString()


def test_a_message_that_the_idl_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    model = literals.LiteralOffloadedMetadata
    monkeypatch.setattr(model, "_fm_message_class", None)
    monkeypatch.setattr(plans, "_FOREIGN", {})
    monkeypatch.setattr(messages, "_installed_numbers", lambda package: ())
    said = describe(model)
    monkeypatch.setattr(model, "_fm_description", replace(said, pb2="flyteidl.core.literals_pb2:NoSuchMessage"))
    for ask in (model("u").to_flyte_idl, model("u").to_bytes, lambda: model.from_bytes(b"")):
        with pytest.raises(FlyteIdlTooOld, match="LiteralOffloadedMetadata cannot be written"):
            ask()
    monkeypatch.setattr(model, "_fm_description", replace(said, pb2="flyteidl.core.no_such_pb2:Message"))
    with pytest.raises(FlyteIdlTooOld, match=r"has no flyteidl\.core\.LiteralOffloadedMetadata"):
        literals.LiteralOffloadedMetadata("u").to_flyte_idl()


def test_the_version_tells_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert messages._installed_numbers("flyteidl") >= (1, 14)
    assert messages._installed_numbers("no_such_package") == messages._installed_numbers("json") == ()
    for installed, expected in [((1, 16, 0), True), ((1, 15, 9), False), ((), False), ((2,), True)]:
        monkeypatch.setattr(messages, "_installed_numbers", lambda package, installed=installed: installed)
        assert messages.has_all(describe(task.TaskMetadata)) is expected
        # Where it does not tell, protobuf's class does.
        assert plans.fits_installed(task.TaskMetadata)
    monkeypatch.setattr(messages, "_package", lambda description: "another")
    assert not messages.has_all(describe(task.TaskMetadata))


def test_a_wrapper_that_was_a_plain_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """flyteidl before 1.14.2 has generates_deck as a bool."""
    use(monkeypatch, older(task.TaskMetadata, set(), plain="generates_deck"))
    for value in (True, False):
        read = task.TaskMetadata.from_bytes(metadata(generates_deck=value).to_bytes())
        assert read.generates_deck is value and read.to_flyte_idl().generates_deck is value
    for write in (metadata(generates_deck="x").to_flyte_idl, metadata(generates_deck="x").to_bytes):
        with pytest.raises(TypeError, match=r"^TaskMetadata\.generates_deck: expected bool, got str 'x'"):
            write()
