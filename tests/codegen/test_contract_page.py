"""docs/contract.md explains every entry that a contract file may have, and every kind."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from flytekit_codegen.pipeline.step1_read.contract import ClassContract, EnumContract, MemberContract, ModuleContract
from flytekit_codegen.pipeline.step2_bind.kinds import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text()
ENTRIES = {
    each.name
    for contract in (ModuleContract, ClassContract, EnumContract, MemberContract)
    for each in fields(contract)
    if each.name not in ("where", "places", "module", "path")
}


@pytest.mark.parametrize("entry", sorted(ENTRIES))
def test_each_entry_is_explained(entry: str) -> None:
    assert f"`{entry}`" in PAGE or f"{entry}:" in PAGE


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_explained(kind: str) -> None:
    assert f"`{kind}`" in PAGE
