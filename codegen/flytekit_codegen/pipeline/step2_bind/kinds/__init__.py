"""The kinds of fields, a file each. To add one, add a file here with a subclass of ``Kind`` in it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Code, Kind
from flytekit_codegen.pipeline.step2_bind.kinds.model import SubModel
from flytekit_codegen.pipeline.step2_bind.names import Names

__all__ = ["KINDS", "At", "Code", "Kind", "default_kind"]


def _all_kinds() -> dict[str, Kind]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    named = [kind for kind in _subclasses(Kind) if hasattr(kind, "name")]
    return {kind.name: kind() for kind in sorted(named, key=lambda kind: kind.name)}


def _subclasses(kind: type[Kind]) -> list[type[Kind]]:
    return [each for direct in kind.__subclasses__() for each in (direct, *_subclasses(direct))]


KINDS = _all_kinds()


def default_kind(field: FieldDescriptor, names: Names) -> Kind:
    """The kind of one value of *field* where the contract says nothing."""
    found = next((kind for kind in KINDS.values() if kind.fits(field)), KINDS["message"])
    if isinstance(found, SubModel) and field.message_type is not None and not names.has_model(field.message_type):
        return KINDS["message"]
    return found
