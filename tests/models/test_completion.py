"""What editors and notebooks offer after a dot: members first, nothing internal, also of what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import jedi  # type: ignore[import-untyped]
import pytest
from every_model import carried, each_model
from IPython.core.completer import IPCompleter, provisionalcompleter
from language_server import LanguageServer

from flytekit.models import literals, security
from flytekit_models.data.members import members
from flytekit_models.model import describe, message_class

_ROOT = Path(__file__).parents[2]
_IMPORTS = """\
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.core.workflow import Node
from flytekit.models.literals import Literal
from flytekit.models.security import Secret
"""
_LITERAL = {"scalar", "collection", "map", "hash", "metadata", "offloaded_metadata", "value"}
_NODE = {"id", "metadata", "inputs", "upstream_node_ids", "output_aliases"}
_NODE |= {"task_node", "workflow_node", "branch_node", "gate_node", "array_node", "target"}
_SECRET = {"group", "key", "group_version", "mount_requirement", "env_var"}
_OPERATIONS = {
    "to_dict",
    "from_dict",
    "to_json",
    "from_json",
    "to_bytes",
    "from_bytes",
    "to_flyte_idl",
    "from_flyte_idl",
}
_OPERATIONS |= {"replace", "diff", "walk", "which", "has", "pretty"}

_EXPRESSIONS = {
    "Literal()": _LITERAL,
    "Literal.from_flyte_idl(None)": _LITERAL,
    "Literal.from_bytes(b'')": _LITERAL,
    "Literal.from_dict({})": _LITERAL,
    "Literal.from_json('')": _LITERAL,
    "Literal().replace(hash='h')": _LITERAL,
    "Secret('g')": _SECRET,
    "WorkflowSpec.from_bytes(b'').template.nodes[0]": _NODE,
    "[node for path, node in WorkflowSpec.from_bytes(b'').walk(Node)][0]": _NODE,
}
each_expression = pytest.mark.parametrize(("expression", "expected"), _EXPRESSIONS.items(), ids=list(_EXPRESSIONS))


@pytest.fixture(scope="module", autouse=True)
def _cache_of_jedi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of its own: the one in the home is written in place, so what another process writes may be half there."""
    with mock.patch.object(jedi.settings, "cache_directory", str(tmp_path_factory.mktemp("jedi"))):
        yield


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("workspace")
    paths = [str(_ROOT / "generated"), str(_ROOT / "runtime")]
    (folder / "pyrightconfig.json").write_text(json.dumps({"extraPaths": paths}))
    with LanguageServer(folder) as server:
        yield server


@each_expression
def test_pyright_shows_members_first(expression: str, expected: set[str], pyright: LanguageServer) -> None:
    # A class that is nested in the model comes with the members.
    offered = [name for name in pyright.complete(f"{_IMPORTS}{expression}.") if name[0].islower()]
    assert set(offered[: len(expected)]) == expected
    assert set(offered) >= _OPERATIONS


@each_expression
def test_jedi_shows_members_before_what_is_private(expression: str, expected: set[str]) -> None:
    code = f"{_IMPORTS}{expression}."
    script = jedi.Script(code, path=_ROOT / "example.py", project=jedi.Project(_ROOT))
    offered = [one.name for one in script.complete()]
    public = [name for name in offered if not name.startswith("_")]
    assert offered[: len(public)] == public
    assert set(public) >= expected | _OPERATIONS


def _ipython(model: Any, code: str, with_jedi: bool) -> list[str]:
    completer = IPCompleter(namespace={"model": model}, global_namespace={})
    completer.use_jedi = with_jedi
    with provisionalcompleter():
        return [one.text.lstrip(".") for one in completer.completions(code, len(code))]


@each_model()
def test_notebooks_offer_the_members_of_what_was_read(model_class: Any) -> None:
    model = model_class.from_flyte_idl(carried(model_class, message_class(model_class)()))
    properties = {describe(model_class).by_member[name].property_name for name in members(model_class)}
    for with_jedi in (False, True):
        offered = _ipython(model, "model.", with_jedi)
        assert set(offered) >= properties | _OPERATIONS
        assert not [name for name in offered if name.startswith("_")]


class _Plain:
    def _repr_html_(self) -> None: ...


@pytest.mark.parametrize("with_jedi", [False, True])
@pytest.mark.parametrize("model", [literals.Literal(hash="h"), security.Secret("g"), literals.Literal, security.Secret])
def test_nothing_internal_is_offered(model: Any, with_jedi: bool) -> None:
    offered = _ipython(model, "model._", with_jedi)
    # IPython 8 offers no such name of any object, unless it asks jedi.
    assert "_repr_html_" in offered or not _ipython(_Plain(), "model._", with_jedi)
    assert not [name for name in offered if name.startswith(("_fm_", "_Literal__"))]
    assert not [name for name in dir(model) if name.startswith(("_fm_", "_Literal__"))]


@each_model()
def test_dir_has_all_members(model_class: Any) -> None:
    model = model_class.from_flyte_idl(carried(model_class, message_class(model_class)()))
    properties = {describe(model_class).by_member[name].property_name for name in members(model_class)}
    assert set(dir(model)) >= properties
    for name in properties:
        assert hasattr(mock.NonCallableMock(spec=model), name)
