"""The modules that generated code names, imported on use (``flytekit_models.lazy``)."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from flytekit_models.lazy import LazyModule


def test_a_class_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = LazyModule("decimal")
    assert module.Decimal is decimal.Decimal
    monkeypatch.delattr(LazyModule, "__getattr__")
    assert module.Decimal is decimal.Decimal


def test_what_is_no_class_is_what_the_module_has_now(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = LazyModule("decimal")
    assert module.getcontext is decimal.getcontext
    monkeypatch.setattr(decimal, "getcontext", None)
    assert module.getcontext is None


def test_a_name_that_the_module_lacks_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'decimal' has no attribute 'Roman'"):
        LazyModule("decimal").Roman  # noqa: B018
