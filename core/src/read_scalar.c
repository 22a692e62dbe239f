/* Reading numbers, strings and bytes, and the entries of maps before there are values of them. */

#include "core.h"

PyObject *
malformed(void)
{
    PyErr_SetString(hooks.decode_error == NULL ? PyExc_ValueError : hooks.decode_error, "malformed wire data");
    return NULL;
}

static PyObject *
enum_member(const Field *field, int32_t number)
{
    PyObject *key = PyLong_FromLong(number);
    if (key == NULL || field->holder == NULL) {
        return key;
    }
    PyObject *member = PyDict_GetItemWithError(field->members, key);
    if (member != NULL) {
        Py_INCREF(member);
    }
    else if (!PyErr_Occurred()) {
        member = PyObject_CallOneArg(field->holder, key);
    }
    Py_DECREF(key);
    return member;
}

PyObject *
read_number_value(const Field *field, uint64_t bits)
{
    switch (field->scalar) {
    case S_DOUBLE: {
        double number;
        memcpy(&number, &bits, 8);
        return PyFloat_FromDouble(number);
    }
    case S_FLOAT:
        return PyFloat_FromDouble(widen_float((uint32_t)bits));
    case S_BOOL:
        return PyBool_FromLong(bits != 0);
    case S_ENUM:
        return enum_member(field, (int32_t)(uint32_t)bits);
    case S_INT32: case S_SFIXED32:
        return PyLong_FromLong((int32_t)(uint32_t)bits);
    case S_UINT32: case S_FIXED32:
        return PyLong_FromUnsignedLong((uint32_t)bits);
    case S_SINT32:
        return PyLong_FromLong((long)unzigzag((uint32_t)bits));
    case S_SINT64:
        return PyLong_FromLongLong(unzigzag(bits));
    case S_INT64: case S_SFIXED64:
        return PyLong_FromLongLong((int64_t)bits);
    default:
        return PyLong_FromUnsignedLongLong(bits);
    }
}

PyObject *
read_text(const Field *field, Cursor span)
{
    if (field->scalar == S_BYTES) {
        return PyBytes_FromStringAndSize((const char *)span.at, span.end - span.at);
    }
    Py_ssize_t size = span.end - span.at;
    /* Strings of one character are Python's own. */
    if (size < 2 || !is_ascii(span.at, span.end)) {
        return PyUnicode_DecodeUTF8((const char *)span.at, size, NULL);
    }
    PyObject *text = PyUnicode_New(size, 127);
    if (text != NULL) {
        memcpy(PyUnicode_1BYTE_DATA(text), span.at, (size_t)size);
    }
    return text;
}

PyObject *
zero_value(const Field *field)
{
    return field->wire == WIRE_BYTES ? read_text(field, (Cursor){NULL, NULL}) : read_number_value(field, 0);
}

/* ---- Entries of maps ---- */

bool
read_entry(const Field *field, Cursor span, Entry *entry, int depth)
{
    memset(entry, 0, sizeof *entry);
    entry->key_wire = wire_type_of((Scalar)field->key);
    while (span.at < span.end) {
        uint32_t tag;
        Cursor part;
        if (!read_varint32(&span, &tag)) {
            return false;
        }
        int wire = (int)(tag & 7);
        if (tag >> 3 == 1 && wire == entry->key_wire) {
            entry->has_key = true;
            if (wire == WIRE_BYTES ? !read_delimited(&span, &entry->key.text)
                                   : !read_number(&span, wire, &entry->key.bits)) {
                return false;
            }
        }
        else if (tag >> 3 == 2 && wire == field->wire) {
            if (wire != WIRE_BYTES) {
                if (!read_number(&span, wire, &entry->bits)) {
                    return false;
                }
            }
            else {
                if (!read_delimited(&span, &part)) {
                    return false;
                }
                entry->repeated_value = entry->has_value && is_message_kind(field);
                entry->value = part;
            }
            entry->has_value = true;
        }
        else {
            entry->unknown = true;
            if (!skip_field(&span, tag, depth)) {
                return false;
            }
        }
    }
    entry->key.bits = normal_bits((Scalar)field->key, entry->key.bits);
    return true;
}

PyObject *
join_occurrences(Cursor span, uint32_t number)
{
    PyObject *joined = PyBytes_FromStringAndSize(NULL, span.end - span.at);
    if (joined == NULL) {
        return NULL;
    }
    char *to = PyBytes_AS_STRING(joined);
    while (span.at < span.end) {
        uint32_t tag;
        Cursor field;
        bool ok = read_varint32(&span, &tag);
        if (ok && tag == (number << 3 | WIRE_BYTES)) {
            ok = read_delimited(&span, &field);
            if (ok) {
                memcpy(to, field.at, (size_t)(field.end - field.at));
                to += field.end - field.at;
            }
        }
        else {
            ok = ok && skip_field(&span, tag, MAX_DEPTH);
        }
        if (!ok) {
            Py_DECREF(joined);
            return malformed();
        }
    }
    if (_PyBytes_Resize(&joined, to - PyBytes_AS_STRING(joined)) < 0) {
        return NULL;
    }
    return joined;
}

PyObject *
join_entry_values(Cursor span)
{
    return join_occurrences(span, 2);
}
