"""The comments of idl/, from which docstrings are made: each says more than a name does, and fits into a docstring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flytekit_codegen.pipeline.step1_read.idl import Schema, read
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.pipeline.step2_bind.docs import declared_type

IDL = Path(__file__).parents[2] / "idl"
WIDTH = 100
"""With the indentation of a docstring, a line stays below the 120 columns of the code style."""

FILLERS = "the a an of for to in on at by with and or its it is are this that one each id name"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return read(Sources(IDL))


def words(text: str) -> set[str]:
    """The words of a text or of a name in any case, without plurals: ``executionId`` and ``task_ids`` are two each."""
    return {word.lower().rstrip("s") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)}


def says_no_more(comment: str, name: str) -> bool:
    return not words(comment) - words(FILLERS) - words(name)


def fields(schema: Schema) -> Iterator[tuple[str, str]]:
    """The full name of each field, with what its declaration says by itself."""
    for message in schema.messages():
        for field in message.fields:
            yield f"{message.full_name}.{field.name}", f"{message.name} {field.name} {declared_type(field)}"


@pytest.mark.parametrize(
    ("comment", "name", "empty"),
    [
        ("Id of the domain.", "Domain id string", True),
        ("The datasets.", "ListDatasetsResponse datasets repeated datacatalog.Dataset", True),
        ("Identifier of the workflow execution.", "Get execution_id core.WorkflowExecutionIdentifier", True),
        ("Id of the domain, such as `development`.", "Domain id string", False),
    ],
)
def test_a_comment_that_says_no_more_than_the_name_is_seen(comment: str, name: str, empty: bool) -> None:
    assert says_no_more(comment, name) is empty


def test_the_comment_of_a_field_says_more_than_its_declaration(schema: Schema) -> None:
    empty = [
        f"{schema.where(name)}: {schema.comments[name]}"
        for name, declared in fields(schema)
        if name in schema.comments and says_no_more(schema.comments[name], declared)
    ]
    assert empty == []


def test_comments_are_sentences_that_fit_into_docstrings(schema: Schema) -> None:
    assert len(schema.comments) > 1500
    unfit = [
        f"{schema.where(name)}: {comment}"
        for name, comment in schema.comments.items()
        if not comment.endswith(".") or any(len(line) > WIDTH for line in comment.splitlines())
    ]
    assert unfit == []
