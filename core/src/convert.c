/* Well-known messages and the Python values that stand for them.
 *
 * Reading never fails for what the message says: what Python cannot hold (a timestamp after the year 9999) is given as
 * protobuf's own message. Writing takes such a message as well. */

#include "core.h"

PyObject *
read_as_message(const Plan *plan, Cursor span)
{
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)span.at, span.end - span.at);
    PyObject *message = bytes == NULL ? NULL : call_hook(hooks.decode_message, plan->name, bytes);
    Py_XDECREF(bytes);
    return message;
}

/* ---- Wrappers ---- */

static PyObject *
read_wrapper(Field *field, Cursor span, bool *lossy)
{
    const Field *value = &field->sub->fields[0];
    uint64_t bits = 0;
    Cursor text = {NULL, NULL};
    while (span.at < span.end) {
        uint32_t tag;
        if (!read_varint32(&span, &tag)) {
            return malformed();
        }
        if (tag >> 3 != 1 || (int)(tag & 7) != value->wire) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                return malformed();
            }
        }
        else if (value->wire == WIRE_BYTES ? !read_delimited(&span, &text) : !read_number(&span, value->wire, &bits)) {
            return malformed();
        }
    }
    return value->wire == WIRE_BYTES ? read_text(value, text) : read_number_value(value, bits);
}

/* ---- A message around one map, and lists of keys and values ---- */

static PyObject *
read_key_value(Field *field, Cursor span, bool *lossy, PyObject **key)
{
    Plan *plan = field->sub;
    PyObject *values[2] = {NULL, NULL};
    while (span.at < span.end) {
        uint32_t tag;
        uint64_t bits;
        Cursor text;
        if (!read_varint32(&span, &tag)) {
            goto malformed;
        }
        Field *part = find_field(plan, tag >> 3);
        if (part == NULL || (int)(tag & 7) != part->wire) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                goto malformed;
            }
            continue;
        }
        bool ok = part->wire == WIRE_BYTES ? read_delimited(&span, &text) : read_number(&span, part->wire, &bits);
        if (!ok) {
            goto malformed;
        }
        PyObject *value = part->wire == WIRE_BYTES ? read_text(part, text) : read_number_value(part, bits);
        if (value == NULL) {
            goto failed;
        }
        Py_XSETREF(values[part - plan->fields], value);
    }
    for (int i = 0; i < 2; i++) {
        if (values[i] == NULL && (values[i] = zero_value(&plan->fields[i])) == NULL) {
            goto failed;
        }
    }
    *key = values[0];
    return values[1];
malformed:
    malformed();
failed:
    Py_XDECREF(values[0]);
    Py_XDECREF(values[1]);
    return NULL;
}

/* Add one message with a key and a value to the dict `into`. */
int
read_key_value_into(Field *field, Cursor span, PyObject *into, bool *lossy)
{
    PyObject *key, *value = read_key_value(field, span, lossy, &key);
    if (value == NULL) {
        return -1;
    }
    Py_ssize_t before = PyDict_GET_SIZE(into);
    int failed = PyDict_SetItem(into, key, value);
    /* Of a key that comes twice the last one counts. */
    *lossy = *lossy || PyDict_GET_SIZE(into) == before;
    Py_DECREF(key);
    Py_DECREF(value);
    return failed;
}

PyObject *
read_converted(Field *field, Cursor span, bool *lossy)
{
    switch (field->kind) {
    case DATETIME: case NAIVE:
        return read_datetime(span, field->kind == NAIVE, lossy);
    case TIMEDELTA:
        return read_timedelta(span, lossy);
    case STRUCT:
        return read_struct(span, lossy);
    case LIST_VALUE:
        return read_list(span, lossy);
    case VALUE:
        return read_json(span, lossy);
    case WRAPPER:
        return read_wrapper(field, span, lossy);
    default:
        return PyErr_Format(PyExc_SystemError, "a field of the kind %d was to be converted", field->kind);
    }
}

/* ---- Writing ---- */

/* Write what `value` is serialized as, if it is a message that may stand for a value of the plan's. */
int
write_given(Writer *writer, const Plan *plan, PyObject *value)
{
    PyObject *bytes = call_hook(hooks.encode_message, plan->name, value);
    if (bytes == NULL) {
        return -1;
    }
    int failed = -1;
    if (PyBytes_CheckExact(bytes)) {
        failed = put_bytes(writer, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    }
    else {
        PyErr_Format(PyExc_TypeError, "expected bytes of a %U", plan->name);
    }
    Py_DECREF(bytes);
    return failed;
}

static int
write_wrapper(Writer *writer, const Field *field, PyObject *value)
{
    const Field *part = &field->sub->fields[0];
    if (value == Py_None) {
        /* In a list or map, where it does not say that the whole field is unset. */
        PyErr_Format(PyExc_TypeError, "expected the value of a %U, got None", field->sub->name);
        return -1;
    }
    if (is_protobuf_message(value)) {
        return write_given(writer, field->sub, value);
    }
    return write_field(writer, (Field *)part, value);
}

/* Write one message with a key and a value. */
int
write_key_value(Writer *writer, Field *field, PyObject *key, PyObject *value)
{
    Field *parts = field->sub->fields;
    size_t before = written(writer);
    if (write_field(writer, &parts[1], value) < 0 || write_field(writer, &parts[0], key) < 0
        || put_length(writer, before) < 0) {
        return -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

int
write_converted(Writer *writer, Field *field, PyObject *value)
{
    switch (field->kind) {
    case DATETIME: case NAIVE:
        return write_datetime(writer, value);
    case TIMEDELTA:
        return write_timedelta(writer, value);
    case STRUCT:
        return write_struct(writer, value);
    case LIST_VALUE:
        return write_list_value(writer, value);
    case VALUE:
        return write_json(writer, value);
    case WRAPPER:
        return write_wrapper(writer, field, value);
    default:
        PyErr_Format(PyExc_SystemError, "a field of the kind %d was to be converted", field->kind);
        return -1;
    }
}
