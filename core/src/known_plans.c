/* The plans of the messages that Python has values for: they are protobuf's own, and no class is made for them. */

#include "core.h"

Plan *timestamp_plan, *duration_plan, *struct_plan, *value_plan, *list_value_plan;
static Plan *wrapper_plans[SCALARS];

Plan *
wrapper_plan(Scalar scalar)
{
    return wrapper_plans[scalar];
}

static Plan *
plan_without_class(const char *name, PyObject *fields, int oneofs)
{
    PyObject *text = PyUnicode_FromString(name);
    Plan *plan = text == NULL || fields == NULL ? NULL : new_plan(NULL, text, fields, oneofs);
    Py_XDECREF(text);
    Py_XDECREF(fields);
    return plan;
}

/* Two messages that hold one another: a Value may be a Struct or a ListValue of Values. */
static void
set_sub(Plan *plan, Py_ssize_t place, Plan *sub)
{
    Field *field = &plan->fields[place];
    Py_INCREF(sub);
    Py_XSETREF(field->sub, sub);
}

static int
make_json_plans(void)
{
    /* The target is set by name only; the plans are linked at once. */
    value_plan = plan_without_class(
        "google.protobuf.Value",
        Py_BuildValue(
            "[{s:s,s:i,s:s,s:i},{s:s,s:i,s:s,s:i},{s:s,s:i,s:s,s:i},{s:s,s:i,s:s,s:i},{s:s,s:i,s:s,s:s,s:i},"
            "{s:s,s:i,s:s,s:s,s:i}]",
            "name", "null_value", "number", 1, "type", "enum", "oneof", 0,
            "name", "number_value", "number", 2, "type", "double", "oneof", 0,
            "name", "string_value", "number", 3, "type", "string", "oneof", 0,
            "name", "bool_value", "number", 4, "type", "bool", "oneof", 0,
            "name", "struct_value", "number", 5, "kind", "model", "target", "google.protobuf.Struct", "oneof", 0,
            "name", "list_value", "number", 6, "kind", "model", "target", "google.protobuf.ListValue", "oneof", 0),
        1);
    struct_plan = plan_without_class(
        "google.protobuf.Struct",
        Py_BuildValue("[{s:s,s:i,s:s,s:s,s:s,s:s}]", "name", "fields", "number", 1, "label", "map", "key", "string",
                      "kind", "model", "target", "google.protobuf.Value"),
        0);
    list_value_plan = plan_without_class(
        "google.protobuf.ListValue",
        Py_BuildValue("[{s:s,s:i,s:s,s:s,s:s}]", "name", "values", "number", 1, "label", "list", "kind", "model",
                      "target", "google.protobuf.Value"),
        0);
    if (value_plan == NULL || struct_plan == NULL || list_value_plan == NULL) {
        return -1;
    }
    set_sub(value_plan, 4, struct_plan);
    set_sub(value_plan, 5, list_value_plan);
    set_sub(struct_plan, 0, value_plan);
    set_sub(list_value_plan, 0, value_plan);
    return 0;
}

static Plan *
make_time_plan(const char *name)
{
    return plan_without_class(name, Py_BuildValue("[{s:s,s:i,s:s},{s:s,s:i,s:s}]", "name", "seconds", "number", 1,
                                                  "type", "int64", "name", "nanos", "number", 2, "type", "int32"), 0);
}

static int
make_wrapper_plans(void)
{
    static const struct { Scalar scalar; const char *name; } wrapped[] = {
        {S_DOUBLE, "google.protobuf.DoubleValue"}, {S_FLOAT, "google.protobuf.FloatValue"},
        {S_INT32, "google.protobuf.Int32Value"}, {S_INT64, "google.protobuf.Int64Value"},
        {S_UINT32, "google.protobuf.UInt32Value"}, {S_UINT64, "google.protobuf.UInt64Value"},
        {S_BOOL, "google.protobuf.BoolValue"}, {S_STRING, "google.protobuf.StringValue"},
        {S_BYTES, "google.protobuf.BytesValue"},
    };
    for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
        wrapper_plans[wrapped[i].scalar] = plan_without_class(
            wrapped[i].name,
            Py_BuildValue("[{s:s,s:i,s:s}]", "name", "value", "number", 1, "type", scalar_names[wrapped[i].scalar]), 0);
        if (wrapper_plans[wrapped[i].scalar] == NULL) {
            return -1;
        }
    }
    return 0;
}

int
make_known_plans(void)
{
    if (make_json_plans() < 0 || make_wrapper_plans() < 0) {
        return -1;
    }
    timestamp_plan = make_time_plan("google.protobuf.Timestamp");
    duration_plan = make_time_plan("google.protobuf.Duration");
    return timestamp_plan == NULL || duration_plan == NULL ? -1 : 0;
}
