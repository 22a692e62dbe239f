/* Writing numbers, strings and bytes: what protobuf takes for them, and nothing else. */

#include "core.h"

/* Whether `value`, which has no place in a field, is an array that claims to be a number. */
static bool
is_array(PyObject *value)
{
    return strcmp(Py_TYPE(value)->tp_name, "numpy.ndarray") == 0;
}

static int
out_of_range(PyObject *value)
{
    PyErr_Format(PyExc_ValueError, "%R is out of range", value);
    return -1;
}

/* The bits of an int for a signed or unsigned type of this many bits. */
static int
bits_of_int(PyObject *value, int width, bool is_signed, uint64_t *bits)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow > 0 && !is_signed && width == 64) {
        *bits = PyLong_AsUnsignedLongLong(value);
        return *bits == (uint64_t)-1 && PyErr_Occurred() ? -1 : 0;
    }
    if (overflow != 0 || (!is_signed && number < 0)
        || (width == 32 && (is_signed ? number < INT32_MIN || number > INT32_MAX : number > UINT32_MAX))) {
        return out_of_range(value);
    }
    *bits = (uint64_t)number;
    return 0;
}

/* Whether it is a bool of numpy, which is no integer for Python, but protobuf takes. */
static bool
is_numpy_bool(PyObject *value)
{
    const char *name = Py_TYPE(value)->tp_name;
    return strcmp(name, "numpy.bool") == 0 || strcmp(name, "numpy.bool_") == 0;
}

/* The number of an enum that is given by name. */
static PyObject *
number_of_name(const Field *field, PyObject *name)
{
    if (field->holder == NULL) {
        return PyErr_Format(PyExc_TypeError, "expected an int, got a str");
    }
    PyObject *number = PyObject_GetItem(field->holder, name);
    if (number == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Format(PyExc_ValueError, "there is no enum value of the name %R", name);
    }
    return number;
}

static int
bits_of_integer(const Field *field, PyObject *value, uint64_t *bits)
{
    PyObject *number;
    if (field->scalar == S_BOOL && is_numpy_bool(value)) {
        int is_true = PyObject_IsTrue(value);
        *bits = is_true > 0;
        return is_true < 0 ? -1 : 0;
    }
    if (PyBool_Check(value) && field->scalar != S_BOOL) {
        PyErr_SetString(PyExc_TypeError, "expected an int, got a bool");
        return -1;
    }
    if (PyLong_Check(value)) {
        number = Py_NewRef(value);
    }
    else if (field->scalar == S_ENUM && PyUnicode_Check(value)) {
        number = number_of_name(field, value);
    }
    else if (field->scalar == S_BOOL && is_array(value)) {
        PyErr_SetString(PyExc_TypeError, "expected a bool, got an array");
        return -1;
    }
    else {
        number = PyNumber_Index(value);
    }
    if (number == NULL) {
        return -1;
    }
    int failed;
    switch (field->scalar) {
    case S_INT32: case S_SINT32: case S_SFIXED32: case S_ENUM:
        failed = bits_of_int(number, 32, true, bits);
        break;
    case S_UINT32: case S_FIXED32:
        failed = bits_of_int(number, 32, false, bits);
        break;
    case S_UINT64: case S_FIXED64:
        failed = bits_of_int(number, 64, false, bits);
        break;
    default:
        failed = bits_of_int(number, 64, true, bits);
    }
    Py_DECREF(number);
    if (failed == 0) {
        if (field->scalar == S_BOOL) {
            *bits = *bits != 0;
        }
        else if (field->scalar == S_SINT32) {
            *bits = (uint32_t)zigzag((int64_t)*bits);
        }
        else if (field->scalar == S_SINT64) {
            *bits = zigzag((int64_t)*bits);
        }
    }
    return failed;
}

int
bits_of_number(const Field *field, PyObject *value, uint64_t *bits)
{
    if (value == Py_True || value == Py_False) {
        if (field->scalar == S_BOOL) {
            *bits = value == Py_True;
            return 0;
        }
    }
    if (field->scalar != S_DOUBLE && field->scalar != S_FLOAT) {
        return bits_of_integer(field, value, bits);
    }
    if (!PyFloat_Check(value) && is_array(value)) {
        PyErr_SetString(PyExc_TypeError, "expected a number, got an array");
        return -1;
    }
    double number = PyFloat_AsDouble(value);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (field->scalar == S_DOUBLE) {
        memcpy(bits, &number, 8);
    }
    else {
        *bits = narrow_float(number);
    }
    return 0;
}

int
write_string(Writer *writer, PyObject *value)
{
    if (PyUnicode_Check(value)) {
        if (PyUnicode_IS_COMPACT_ASCII(value)) {
            size_t size = (size_t)PyUnicode_GET_LENGTH(value);
            return put_bytes(writer, PyUnicode_DATA(value), size) < 0 ? -1 : put_varint(writer, size);
        }
        /* Not kept with the str, which the model keeps. */
        PyObject *bytes = PyUnicode_AsUTF8String(value);
        if (bytes == NULL) {
            return -1;
        }
        size_t size = (size_t)PyBytes_GET_SIZE(bytes);
        int failed = put_bytes(writer, PyBytes_AS_STRING(bytes), size) < 0 ? -1 : put_varint(writer, size);
        Py_DECREF(bytes);
        return failed;
    }
    if (!PyBytes_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected a str, got a %.100s", Py_TYPE(value)->tp_name);
        return -1;
    }
    Cursor text = all_of(value);
    if (!is_utf8(text.at, text.end)) {
        PyErr_SetString(PyExc_ValueError, "the bytes of a text are no UTF-8");
        return -1;
    }
    size_t size = (size_t)(text.end - text.at);
    return put_bytes(writer, text.at, size) < 0 ? -1 : put_varint(writer, size);
}

int
write_scalar(Writer *writer, const Field *field, PyObject *value)
{
    if (field->scalar == S_STRING) {
        return write_string(writer, value);
    }
    if (field->scalar == S_BYTES) {
        if (!PyBytes_Check(value)) {
            PyErr_Format(PyExc_TypeError, "expected bytes, got a %.100s", Py_TYPE(value)->tp_name);
            return -1;
        }
        size_t size = (size_t)PyBytes_GET_SIZE(value);
        return put_bytes(writer, PyBytes_AS_STRING(value), size) < 0 ? -1 : put_varint(writer, size);
    }
    uint64_t bits;
    return bits_of_number(field, value, &bits) < 0 ? -1 : put_number(writer, (Scalar)field->scalar, bits);
}
