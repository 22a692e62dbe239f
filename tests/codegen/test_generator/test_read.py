"""Reading an IDL: comments, places, and what fields are."""

from __future__ import annotations

from typing import Any

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, read, real_oneof
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.pipeline.step2_bind.docs import declared_type, member_doc, message_doc, module_doc, value_doc

_COMMENTED = """\
// Of the file, which is of no element.

// Above the syntax.
syntax = "proto3";

// Above the package.
package $NAME;

// Above the message:
//   indented,
//
// and with a "quote"
message Commented {
  /* Of a field,
   * in a block. */
  string one = 1;
  string two = 2;  // Beside a field.
  // Above a oneof.
  oneof which {
    // Above an arm.
    int32 three = 3;
    int32 four = 4;
  }
  optional int32 five = 5;
  map<string, Kind> six = 6;
  repeated Commented seven = 7 [deprecated = true];

  // Above a nested enum.
  enum Kind {
    // Ends with a "quote"
    KIND_NONE = 0;
    KIND_BACK = 1; // Not above.
  }

  // Above a nested message.
  message Inner {
    option deprecated = true;
    Inner inner = 1;
  }
}
"""


def _read(workshop: Any) -> Any:
    workshop.write(workshop.things, _COMMENTED)
    return read(Sources(workshop.idl))


def test_comments_and_places(workshop: Any) -> None:
    schema = _read(workshop)
    name = f"{workshop.name}.Commented"
    assert schema.comments == {
        f"{workshop.name}/things.proto": "Above the package.",
        name: 'Above the message:\n  indented,\n\nand with a "quote"',
        f"{name}.one": "Of a field,\nin a block.",
        f"{name}.which": "Above a oneof.",
        f"{name}.three": "Above an arm.",
        f"{name}.Kind": "Above a nested enum.",
        f"{name}.Kind.KIND_NONE": 'Ends with a "quote"',
        f"{name}.Inner": "Above a nested message.",
    }
    for element, text in [
        (name, "message Commented"),
        (f"{name}.four", "int32 four"),
        (f"{name}.which", "oneof which"),
        (f"{name}.Kind.KIND_BACK", "KIND_BACK"),
        (f"{name}.Inner.inner", "Inner inner = 1"),
    ]:
        place = schema.where(element)
        assert (place.file, place.line) == (workshop.things, workshop.line(workshop.things, text))
    assert schema.where("unknown").file == workshop.idl


def test_elements(workshop: Any) -> None:
    schema = _read(workshop)
    name = f"{workshop.name}.Commented"
    assert [message.full_name for message in schema.messages()] == [name, f"{name}.Inner"]
    assert [enum.full_name for enum in schema.enums()] == [f"{name}.Kind"]
    fields = next(schema.messages()).fields_by_name
    assert [real_oneof(fields[field]) for field in ("one", "three", "five")] == [None, "which", None]
    assert [is_map(fields[field]) for field in ("six", "seven")] == [True, False]
    assert [is_repeated(fields[field]) for field in ("one", "six", "seven")] == [False, True, True]
    assert declared_type(fields["six"]) == f"map<string, {name}.Kind>"
    assert declared_type(fields["seven"]) == f"repeated {name}"


def test_docstrings(workshop: Any) -> None:
    schema = _read(workshop)
    message, inner = schema.messages()
    fields, name = message.fields_by_name, message.full_name
    of_message = message_doc(message, schema, "1.16.6")
    assert of_message.startswith('Above the message:\n  indented,\n\nand with a "quote"\n\n')
    assert of_message.endswith(f"Proto: `{name}`, since flyteidl 1.16.6.")
    assert message_doc(inner, schema, None).endswith("Deprecated in the IDL.")
    three = member_doc(message, fields["three"], schema, {f"{name}.three": "1.15.0"})
    assert three.startswith("Above an arm.\n\n") and three.endswith(
        f"Proto: `{name}.three = 3`, since flyteidl 1.15.0."
    )
    assert "an arm of the oneof `which`" in member_doc(message, fields["four"], schema, {})
    assert "may be absent" in member_doc(message, fields["five"], schema, {})
    assert member_doc(message, fields["seven"], schema, {}).endswith("Deprecated in the IDL.")
    assert member_doc(message, None, schema, {}) == "Known locally only; it is not a field of the message."
    # What would end the docstring, or be taken for an escape, does not.
    values = message.enum_types[0].values
    assert [value_doc(value, schema) for value in values] == ['Ends with a "quote\\"', ""]
    assert module_doc("m", "p", [], 'All of """this""" \\ "that"') == "All of '''this''' \\\\ \"that\\\""
    assert module_doc("", "p", [], None) == "Models of the IDL, one module for each of its parts: `p`."


def test_comments_in_the_generated_module(workshop: Any) -> None:
    workshop.write(workshop.things, _COMMENTED)
    workshop.regenerate(contract=None)
    model = workshop.load("things").Commented
    assert model.__doc__.startswith("Above the message:\n")
    assert 'and with a "quote"' in model.__doc__
    assert model.one.__doc__.startswith("Of a field,")
    assert model.which_.__doc__.startswith("Above a oneof.")
