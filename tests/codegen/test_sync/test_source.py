"""What sync writes: .proto texts that compile to the release's own descriptors."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen.sync import SyncError, sync
from flytekit_codegen.sync.kept import kept

EVERYTHING = """
syntax = "proto3";
package tinyidl.deep.er;
import "google/protobuf/struct.proto";
import public "tinyidl/base.proto";
import "tinyidl/unused.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/descriptor.proto";
option go_package = "example/tiny;tiny";
option php_namespace = "Tiny\\\\Deep \\"quoted\\"";
option optimize_for = CODE_SIZE;
option deprecated = true;
option java_multiple_files = true;

enum Aliased {
  option allow_alias = true;
  option deprecated = true;
  reserved -9 to -5, 7, 100 to max;
  reserved "GONE", "LOST";
  ZERO = 0;
  NULL = 0;
  NEGATIVE = -2;
  SPARSE = 42 [deprecated = true];
}
message Everything {
  option deprecated = true;
  reserved 90, 95 to 97, 1000 to max;
  reserved "old", "older";
  map<string, Inner> first_map = 1;
  message Inner { Inner inner = 1; message Innermost {} }
  enum Kind { KIND_UNKNOWN = 0; KIND_ONE = 1; }
  map<sint64, Kind> second_map = 2;
  message After { map<bool, google.protobuf.Struct> nested_map = 1; }
  message Later {}
  oneof choice { string text = 3; Inner inner = 4; Inner.Innermost innermost = 5 [deprecated = true]; }
  optional int32 maybe = 6;
  oneof other { .tinyidl.deep.er.Everything everything = 7; }
  optional Inner maybe_inner = 8;
  repeated fixed32 packed = 9 [packed = false, deprecated = true];
  int64 big = 10 [jstype = JS_STRING];
  string camelCase = 11;
  string snake_case = 12 [json_name = "other-name"];
  string digit_2_x = 13;
  string _leading = 14;
  .tinyidl.Base base = 15;
  repeated .tinyidl.Base.Color colors = 16;
  google.protobuf.Value value = 17;
  double d = 18; float f = 19; uint32 u = 20; uint64 v = 21; sint32 w = 22; fixed64 x = 23; sfixed32 y = 24;
  sfixed64 z = 25; bytes blob = 26; bool flag = 27;
  map<fixed64, bytes> third_map = 28;
  extend google.protobuf.EnumOptions { Kind kind_of = 50003; }
}
message Lonely {}
message tinyidl { string text = 1; }
message Base { .tinyidl.Base outer = 1; Base own = 2; tinyidl shadow = 3; }
extend google.protobuf.FieldOptions { string label_of = 50001; repeated Lonely lonely = 50002; }
service Talker {
  option deprecated = true;
  rpc Ask(Everything) returns (Lonely);
  rpc Listen(Lonely) returns (stream .tinyidl.Base) { option deprecated = true; }
  rpc Send(stream google.protobuf.Empty) returns (Lonely) { option idempotency_level = IDEMPOTENT; }
  rpc Talk(stream Everything) returns (stream Everything);
}
service Hiding {
  rpc Lonely(.tinyidl.deep.er.Lonely) returns (Everything.Inner);
  rpc Ask(er.Lonely) returns (er.Lonely);
}
service Silent {}
"""
OPENING = """
message Everything {
  option deprecated = true;
  reserved 90, 95 to 97, 1000 to max;
  reserved "old", "older";

  enum Kind {
    KIND_UNKNOWN = 0;
    KIND_ONE = 1;
  }

  map<string, Inner> first_map = 1;

  message Inner {
    message Innermost {}

    Inner inner = 1;
  }

  map<sint64, Kind> second_map = 2;

  message After {
    map<bool, google.protobuf.Struct> nested_map = 1;
  }

  message Later {}

  oneof choice {
    string text = 3;
    Inner inner = 4;
    Inner.Innermost innermost = 5 [deprecated = true];
  }

  optional int32 maybe = 6;
"""
BASE = """
syntax = "proto3";
package tinyidl;
message Base { enum Color { RED = 0; } Color color = 1; }
"""
UNUSED = 'syntax = "proto3";\npackage tinyidl.unused;\n'
BARE = 'syntax = "proto3";\nmessage Bare { Bare bare = 1; }\nenum Alone { A = 0; }\n'


def test_every_construct_of_proto3_comes_back_as_it_was(lab):
    protos = {
        "tinyidl/base.proto": BASE,
        "tinyidl/deep/every.proto": EVERYTHING,
        "tinyidl/unused.proto": UNUSED,
        "tinyidl/bare.proto": BARE,
    }
    lab.cached("tinyidl", "1.0", protos)
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert lab.compiled(lab.idl) == lab.compiled(lab.sources("1.0"))
    assert report.written == ("idl.lock", *sorted(protos))
    assert {
        "tinyidl.deep.er.Aliased.SPARSE",
        "tinyidl.deep.er.Talker.Talk",
        "tinyidl.deep.er.Everything.kind_of",
    } <= set(report.new_elements)


def test_the_text_reads_like_one_a_person_wrote(lab):
    lab.cached(
        "tinyidl",
        "1.0",
        {"tinyidl/base.proto": BASE, "tinyidl/deep/every.proto": EVERYTHING, "tinyidl/unused.proto": UNUSED},
    )
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/deep/every.proto")
    header, _, body = text.partition('syntax = "proto3";')
    assert all(line.startswith("//") for line in header.splitlines()[:-1]) and header.endswith("\n\n")
    assert "sync" in header and "OpenAPI" in header
    assert OPENING in body
    for line in (
        "  reserved -9 to -5, 7, 100 to max;",
        "  repeated fixed32 packed = 9 [packed = false, deprecated = true];",
        '  string snake_case = 12 [json_name = "other-name"];',
        "  google.protobuf.Value value = 17;",
        "  rpc Talk(stream Everything) returns (stream Everything);",
        'import public "tinyidl/base.proto";',
        "  .tinyidl.Base outer = 1;",
        "  Base own = 2;",
        "  tinyidl shadow = 3;",
    ):
        assert line in body.splitlines()


HTTP = """
syntax = "proto3";
package outside;
import "google/protobuf/descriptor.proto";
message Route { string path = 1; }
message Plain { string text = 1; Deeper deeper = 2; }
message Deeper {}
extend google.protobuf.MethodOptions { Route route = 60001; }
extend google.protobuf.FieldOptions { string rule = 60002; }
extend google.protobuf.OneofOptions { string oneof_rule = 60003; }
"""
WITH_OPTIONS = """
syntax = "proto3";
package tinyidl;
import "outside/http.proto";
import "tinyidl/base.proto";
message Request {
  string a = 1 [(outside.rule) = "x", deprecated = true];
  oneof o { option (outside.oneof_rule) = "y"; Base b = 2; }
}
service S {
  rpc Get(Request) returns (Request) { option (outside.route) = { path: "/get" }; }
  rpc Old(Request) returns (Request) { option (outside.route) = { path: "/old" }; option deprecated = true; }
}
"""


def test_custom_options_go_and_so_do_the_imports_that_only_served_them(lab):
    lab.cached(
        "tinyidl", "1.0", {"tinyidl/base.proto": BASE, "tinyidl/a.proto": WITH_OPTIONS, "outside/http.proto": HTTP}
    )
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/a.proto")
    assert "outside" not in text
    assert "string a = 1 [deprecated = true];" in text
    assert "rpc Get(Request) returns (Request);" in text
    assert "rpc Old(Request) returns (Request) {\n    option deprecated = true;\n  }" in text
    assert 'import "tinyidl/base.proto";' in text
    assert report.written == ("idl.lock", "tinyidl/a.proto", "tinyidl/base.proto")


def test_custom_options_go_even_where_their_definition_is_loaded():
    from google.api import annotations_pb2

    file = FileDescriptorProto(name="a.proto", syntax="proto3")
    method = file.service.add(name="S").method.add(name="M", input_type=".A", output_type=".A")
    method.options.Extensions[annotations_pb2.http].get = "/a"
    assert method.HasField("options")
    assert not kept(file, "", lambda name: "a.proto").service[0].method[0].HasField("options")


def test_a_file_of_the_wheel_that_a_type_comes_from_is_written_too(lab):
    uses = (
        'syntax = "proto3";\npackage tinyidl;\nimport "outside/http.proto";\nmessage M { outside.Plain plain = 1; }\n'
    )
    lab.cached("tinyidl", "1.0", {"tinyidl/a.proto": uses, "outside/http.proto": HTTP})
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert report.written == ("idl.lock", "outside/http.proto", "tinyidl/a.proto")
    assert 'import "outside/http.proto";' in lab.text("tinyidl/a.proto")


def test_a_type_from_a_requirement_is_taken_from_there_and_its_version_stays_fixed(lab):
    rpc = 'syntax = "proto3";\npackage far.rpc;\nimport "google/protobuf/any.proto";\n'
    old = rpc + "message Status { google.protobuf.Any detail = 1; }\n"
    new = rpc + "message Status { google.protobuf.Any detail = 1; int32 code = 2; }\n"
    uses = 'syntax = "proto3";\npackage tinyidl;\nimport "far/rpc/status.proto";\nmessage M { far.rpc.Status s = 1; }\n'
    wheel = lab.cached(
        "tinyidl", "1.0", {"tinyidl/a.proto": uses, "far/rpc/status.proto": old}, requires=("Far_protos>=1",)
    )
    lab.rewrite(wheel, "far/rpc/status_pb2.py", None)
    lab.publish("far-protos", "1.5", {"far/rpc/status.proto": old})
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert report.written == ("far/rpc/status.proto", "idl.lock", "tinyidl/a.proto")
    assert '"version": "1.5"' in lab.text("idl.lock")

    lab.publish("far-protos", "1.6", {"far/rpc/status.proto": new})
    assert not sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache).changed


def test_a_type_that_nothing_defines_is_an_error(lab):
    uses = 'syntax = "proto3";\npackage tinyidl;\nimport "far/status.proto";\nmessage M { far.Status status = 1; }\n'
    far = 'syntax = "proto3";\npackage far;\nmessage Status {}\n'
    wheel = lab.cached("tinyidl", "1.0", {"tinyidl/a.proto": uses, "far/status.proto": far})
    lab.rewrite(wheel, "far/status_pb2.py", None)
    with pytest.raises(SyncError, match=r"tinyidl/a\.proto uses the type far\.Status, which no package defines"):
        sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)


def test_an_edition_is_refused(lab):
    wheel = lab.cached("tinyidl", "1.0", {"tinyidl/base.proto": BASE})
    file = FileDescriptorProto(name="tinyidl/base.proto", syntax="editions")
    lab.rewrite(wheel, "tinyidl/base_pb2.py", f"pool.AddSerializedFile({file.SerializeToString()!r})")
    with pytest.raises(
        SyncError, match=r"tinyidl/base\.proto is written in editions, but sync writes only proto2 and proto3"
    ):
        sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert not lab.idl.exists()


PROTO2 = """
syntax = "proto2";
package tinyidl;
import "google/protobuf/descriptor.proto";

message Everything {
  option deprecated = true;
  extensions 100 to 199;
  extensions 1000 to max;
  reserved 90;
  optional int32 number = 1 [default = -7, deprecated = true];
  required string text = 2 [default = "say \\"hi\\"\\n"];
  optional bytes blob = 3 [default = "\\000\\377"];
  optional double infinite = 4 [default = -inf];
  optional float none = 5 [default = nan];
  optional bool flag = 6 [default = true];
  optional Kind kind = 7 [default = ONE];
  repeated int32 packed = 8 [packed = true];
  enum Kind { ONE = 1; MINUS = -1; }
  message Before {}
  optional group First = 9 { optional string inside = 1; repeated group Deep = 2 { required int32 x = 1; } }
  message Between {}
  map<string, Before> map = 10;
  oneof choice {
    group Arm = 11 { optional int32 y = 1; }
    string other = 12 [default = "arm"];
  }
  message After {}
  optional .tinyidl.extensions.Word word = 13;
  extend Everything { optional int32 scoped = 100; }
}
message Set { option message_set_wire_format = true; extensions 4 to max; }
extend google.protobuf.FieldOptions { optional bool sensitive = 50055; }
"""


def test_proto2(lab):
    """What only proto2 has: labels, defaults, groups, extensions and sets of messages."""
    words = 'syntax = "proto2";\npackage tinyidl.extensions;\nmessage Word { optional string word = 1; }\n'
    imports = PROTO2.replace("import", 'import "tinyidl/words.proto";\nimport', 1)
    lab.cached("tinyidl", "1.0", {"tinyidl/old.proto": imports, "tinyidl/words.proto": words})
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = (lab.idl / "tinyidl" / "old.proto").read_text()
    assert 'syntax = "proto2";' in text and "optional group First = 9 {" in text and "extensions 1000 to max;" in text
    # A type is not written by a name that would be taken for a statement.
    assert "optional tinyidl.extensions.Word word = 13;" in text
    assert not sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache).changed


def test_a_package_whose_files_are_in_folders_of_other_names(lab):
    uses = 'syntax = "proto3";\npackage b;\nimport "one/a.proto";\nmessage B { a.A a = 1; }\n'
    wheel = lab.cached(
        "other-name",
        "1.0",
        {
            "one/a.proto": 'syntax = "proto3";\npackage a;\nmessage A {}\n',
            "two/b.proto": uses,
            "two/shim.proto": 'syntax = "proto3";\n',
        },
    )
    lab.rewrite(wheel, "two/shim_pb2.py", "from one.a_pb2 import *\n")
    report = sync("1.0", lab.idl, distribution="other-name", cache=lab.cache)
    assert set(report.written) >= {"one/a.proto", "two/b.proto"}
    assert not any("shim" in name for name in report.written)
