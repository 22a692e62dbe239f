/* Structs, ListValues and Values, and the JSON values that stand for them. */

#include "core.h"


/* A message of one field that occurs several times is the sum of these: they are read as one. */
static PyObject *
read_joined(Cursor span, uint32_t number, bool *lossy)
{
    PyObject *joined = join_occurrences(span, number);
    if (joined == NULL) {
        return NULL;
    }
    Cursor whole = all_of(joined);
    PyObject *value = number == 5 ? read_struct(whole, lossy) : read_list(whole, lossy);
    Py_DECREF(joined);
    return value;
}

PyObject *
read_json(Cursor span, bool *lossy)
{
    uint32_t tag, kind = 0;
    uint64_t bits = 0;
    bool repeated = false, other = false;
    Cursor field = {NULL, NULL}, all = span;
    while (span.at < span.end) {
        if (!read_varint32(&span, &tag)) {
            return malformed();
        }
        switch (tag) {
        case 1 << 3 | WIRE_VARINT: case 4 << 3 | WIRE_VARINT: case 2 << 3 | WIRE_64:
            if (!read_number(&span, (int)(tag & 7), &bits)) {
                return malformed();
            }
            break;
        case 3 << 3 | WIRE_BYTES: case 5 << 3 | WIRE_BYTES: case 6 << 3 | WIRE_BYTES:
            if (!read_delimited(&span, &field)) {
                return malformed();
            }
            break;
        default:
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                return malformed();
            }
            continue;
        }
        other = other || (kind != 0 && kind != tag >> 3);
        repeated = repeated || kind == tag >> 3;
        kind = tag >> 3;
    }
    if (repeated && (kind == 5 || kind == 6)) {
        if (other) {
            /* Which of them count, the canonical form knows. */
            PyObject *canonical = canonical_bytes(value_plan, all, ALL_FIELDS);
            if (canonical == NULL) {
                return NULL;
            }
            PyObject *value = read_json(all_of(canonical), lossy);
            Py_DECREF(canonical);
            return value;
        }
        return read_joined(all, kind, lossy);
    }
    switch (kind) {
    case 1:
        *lossy = *lossy || normal_bits(S_ENUM, bits) != 0;
        Py_RETURN_NONE;
    case 2: {
        double number;
        memcpy(&number, &bits, 8);
        return PyFloat_FromDouble(number);
    }
    case 3:
        return PyUnicode_DecodeUTF8((const char *)field.at, field.end - field.at, NULL);
    case 4:
        return PyBool_FromLong(bits != 0);
    case 5:
        return read_struct(field, lossy);
    case 6:
        return read_list(field, lossy);
    default:
        /* Nothing is set: it reads as null, but is not. */
        *lossy = true;
        Py_RETURN_NONE;
    }
}

static PyObject *
read_struct_entry(Cursor span, PyObject *dict, bool *lossy)
{
    Entry entry;
    if (!read_entry(&struct_plan->fields[0], span, &entry, MAX_DEPTH)) {
        return malformed();
    }
    if (entry.unknown) {
        *lossy = true;
        return Py_NewRef(Py_None);
    }
    PyObject *joined = NULL;
    Cursor field = entry.value;
    if (entry.repeated_value) {
        joined = join_entry_values(span);
        if (joined == NULL) {
            return NULL;
        }
        field = all_of(joined);
    }
    const Cursor *text = &entry.key.text;
    PyObject *key = PyUnicode_DecodeUTF8((const char *)text->at, text->end - text->at, NULL);
    PyObject *value = key == NULL ? NULL : read_json(field, lossy);
    int failed = value == NULL ? -1 : PyDict_SetItem(dict, key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_XDECREF(joined);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* Read the occurrences of the first field, which is all that a Struct and a ListValue have, into `into`. */
static PyObject *
read_items(Cursor span, PyObject *into, bool *lossy)
{
    if (into == NULL) {
        return NULL;
    }
    while (span.at < span.end) {
        uint32_t tag;
        Cursor field;
        if (!read_varint32(&span, &tag)) {
            goto malformed;
        }
        if (tag != (1 << 3 | WIRE_BYTES)) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                goto malformed;
            }
            continue;
        }
        if (!read_delimited(&span, &field)) {
            goto malformed;
        }
        PyObject *item;
        if (PyDict_CheckExact(into)) {
            item = read_struct_entry(field, into, lossy);
        }
        else {
            item = read_json(field, lossy);
            if (item != NULL && PyList_Append(into, item) < 0) {
                Py_CLEAR(item);
            }
        }
        if (item == NULL) {
            Py_DECREF(into);
            return NULL;
        }
        Py_DECREF(item);
    }
    return into;
malformed:
    Py_DECREF(into);
    return malformed();
}

PyObject *
read_struct(Cursor span, bool *lossy)
{
    if (Py_EnterRecursiveCall(" while reading a google.protobuf.Struct")) {
        return NULL;
    }
    PyObject *dict = read_items(span, PyDict_New(), lossy);
    Py_LeaveRecursiveCall();
    return dict;
}

PyObject *
read_list(Cursor span, bool *lossy)
{
    if (Py_EnterRecursiveCall(" while reading a google.protobuf.ListValue")) {
        return NULL;
    }
    PyObject *list = read_items(span, PyList_New(0), lossy);
    Py_LeaveRecursiveCall();
    return list;
}

/* ---- Writing ---- */

bool
is_protobuf_message(PyObject *value)
{
    return PyObject_HasAttrString(value, "DESCRIPTOR") && PyObject_HasAttrString(value, "ListFields");
}

static PyObject *mapping_type;

static int
is_mapping(PyObject *value)
{
    if (PyDict_Check(value)) {
        return 1;
    }
    if (mapping_type == NULL) {
        PyObject *module = PyImport_ImportModule("collections.abc");
        mapping_type = module == NULL ? NULL : PyObject_GetAttrString(module, "Mapping");
        Py_XDECREF(module);
        if (mapping_type == NULL) {
            return -1;
        }
    }
    return PyObject_IsInstance(value, mapping_type);
}

/* A key as JSON writes it: a new reference to a str. */
static PyObject *
key_of_json(PyObject *key)
{
    if (PyUnicode_Check(key)) {
        /* Without whatever a subclass compares by. */
        return PyUnicode_FromObject(key);
    }
    if (key == Py_None) {
        return PyUnicode_FromString("null");
    }
    if (PyBool_Check(key)) {
        return PyUnicode_FromString(key == Py_True ? "true" : "false");
    }
    if (PyLong_Check(key)) {
        return PyLong_Type.tp_repr(key);
    }
    if (PyFloat_Check(key)) {
        return PyFloat_Type.tp_repr(key);
    }
    return PyErr_Format(PyExc_TypeError, "a key of a google.protobuf.Struct is a %.100s", Py_TYPE(key)->tp_name);
}

/* The mapping as a dict whose keys are str: itself, if it is one. */
static PyObject *
dict_of_json(PyObject *value)
{
    PyObject *dict = dict_of(value);
    if (dict == NULL) {
        return NULL;
    }
    PyObject *key, *item;
    Py_ssize_t place = 0;
    bool plain = true;
    while (plain && PyDict_Next(dict, &place, &key, &item)) {
        plain = PyUnicode_CheckExact(key);
    }
    if (plain) {
        return dict;
    }
    PyObject *renamed = PyDict_New();
    place = 0;
    while (renamed != NULL && PyDict_Next(dict, &place, &key, &item)) {
        Py_INCREF(item);
        PyObject *text = key_of_json(key);
        if (text == NULL || PyDict_SetItem(renamed, text, item) < 0) {
            Py_CLEAR(renamed);
        }
        Py_XDECREF(text);
        Py_DECREF(item);
    }
    if (renamed != NULL && PyDict_GET_SIZE(renamed) != PyDict_GET_SIZE(dict)) {
        PyErr_SetString(PyExc_ValueError, "two keys of a dict are one key of a google.protobuf.Struct");
        Py_CLEAR(renamed);
    }
    Py_DECREF(dict);
    return renamed;
}

/* The field of a Struct, whose values are anything that JSON holds. */
static Field json_fields;

int
write_struct(Writer *writer, PyObject *value)
{
    int mapping = PyDict_Check(value) ? 1 : is_protobuf_message(value) ? 0 : is_mapping(value);
    if (mapping <= 0) {
        return mapping < 0 ? -1 : write_given(writer, struct_plan, value);
    }
    PyObject *dict = dict_of_json(value);
    if (dict == NULL) {
        return -1;
    }
    int failed = write_map(writer, &json_fields, dict);
    Py_DECREF(dict);
    return failed;
}

int
write_list_value(Writer *writer, PyObject *value)
{
    if (!PyList_Check(value) && !PyTuple_Check(value)) {
        return write_given(writer, list_value_plan, value);
    }
    if (!PyList_CheckExact(value) && !PyTuple_CheckExact(value)) {
        /* A subclass may say itself what is in it. */
        PyObject *items = PySequence_List(value);
        int failed = items == NULL ? -1 : write_list_value(writer, items);
        Py_XDECREF(items);
        return failed;
    }
    for (Py_ssize_t i = PySequence_Fast_GET_SIZE(value); i-- > 0;) {
        /* Writing an item may run anything, and that may change the list. */
        if (i >= PySequence_Fast_GET_SIZE(value)) {
            PyErr_SetString(PyExc_RuntimeError, "a list changed while it was written");
            return -1;
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(value, i));
        size_t before = written(writer);
        int failed = write_json(writer, item) < 0 || put_length(writer, before) < 0
                     || put_varint(writer, 1 << 3 | WIRE_BYTES) < 0;
        Py_DECREF(item);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* Write `write`'s message as the arm `number` of a Value. */
static int
write_json_message(Writer *writer, int (*write)(Writer *, PyObject *), PyObject *value, uint32_t number)
{
    size_t before = written(writer);
    if (Py_EnterRecursiveCall(" while writing a google.protobuf.Value")) {
        return -1;
    }
    int failed = write(writer, value);
    Py_LeaveRecursiveCall();
    return failed < 0 || put_length(writer, before) < 0 ? -1 : put_varint(writer, number << 3 | WIRE_BYTES);
}

int
write_json(Writer *writer, PyObject *value)
{
    if (value == Py_None || value == hooks.null || PyBool_Check(value)) {
        uint32_t number = PyBool_Check(value) ? 4 : 1;
        return put_varint(writer, value == Py_True) < 0 ? -1 : put_varint(writer, number << 3 | WIRE_VARINT);
    }
    if (PyUnicode_Check(value)) {
        return write_string(writer, value) < 0 ? -1 : put_varint(writer, 3 << 3 | WIRE_BYTES);
    }
    if (PyFloat_Check(value) || PyLong_Check(value)) {
        double number = PyFloat_Check(value) ? PyFloat_AS_DOUBLE(value) : PyLong_AsDouble(value);
        uint64_t bits;
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        memcpy(&bits, &number, 8);
        return put_number(writer, S_DOUBLE, bits) < 0 ? -1 : put_varint(writer, 2 << 3 | WIRE_64);
    }
    if (PyList_Check(value) || PyTuple_Check(value)) {
        return write_json_message(writer, write_list_value, value, 6);
    }
    int mapping = PyDict_Check(value) ? 1 : is_protobuf_message(value) ? 0 : is_mapping(value);
    if (mapping < 0) {
        return -1;
    }
    return mapping ? write_json_message(writer, write_struct, value, 5) : write_given(writer, value_plan, value);
}

int
init_json(void)
{
    json_fields = struct_plan->fields[0];
    json_fields.kind = VALUE;
    json_fields.sub = value_plan;
    return 0;
}
