/* Writing maps: their items are taken first, so that nothing that writing runs changes them, and may be sorted. */

#include "core.h"

typedef struct {
    PyObject *key;
    PyObject *value;
    Key wire;
} Pair;

static int
key_of(const Field *field, PyObject *value, Key *key)
{
    Field kind = {.scalar = field->key};
    if (field->key != S_STRING) {
        return bits_of_number(&kind, value, &key->bits);
    }
    if (PyBytes_Check(value)) {
        key->text = all_of(value);
        if (is_utf8(key->text.at, key->text.end)) {
            return 0;
        }
        PyErr_SetString(PyExc_ValueError, "the bytes of a text are no UTF-8");
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected a str, got a %.100s", Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == NULL) {
        return -1;
    }
    key->text = (Cursor){(const uint8_t *)text, (const uint8_t *)text + size};
    return 0;
}

/* The order of protobuf's serialization: texts by their bytes, a longer one before what it starts with; numbers from
 * the largest down, all as if they had no sign. */
int
compare_keys(Scalar scalar, const Key *one, const Key *other)
{
    if (scalar == S_STRING) {
        size_t length = (size_t)(one->text.end - one->text.at), rest = (size_t)(other->text.end - other->text.at);
        size_t common = length < rest ? length : rest;
        int order = common == 0 ? 0 : memcmp(one->text.at, other->text.at, common);
        return order != 0 ? order : (length < rest) - (length > rest);
    }
    uint64_t a = one->bits, b = other->bits;
    if (scalar == S_SINT32 || scalar == S_SINT64) {
        a = (uint64_t)unzigzag(a);
        b = (uint64_t)unzigzag(b);
    }
    return (a < b) - (a > b);
}

static int
compare_text_pairs(const void *one, const void *other)
{
    return compare_keys(S_STRING, &((const Pair *)one)->wire, &((const Pair *)other)->wire);
}

static int
compare_number_pairs(const void *one, const void *other)
{
    return compare_keys(S_UINT64, &((const Pair *)one)->wire, &((const Pair *)other)->wire);
}

static int
compare_zigzag_pairs(const void *one, const void *other)
{
    return compare_keys(S_SINT64, &((const Pair *)one)->wire, &((const Pair *)other)->wire);
}

static void
sort_pairs(Scalar key, Pair *pairs, Py_ssize_t count)
{
    bool zigzags = key == S_SINT32 || key == S_SINT64;
    int (*compare)(const void *, const void *) = key == S_STRING ? compare_text_pairs
                                                 : zigzags       ? compare_zigzag_pairs
                                                                 : compare_number_pairs;
    /* Dicts are often in order, and asking is cheap. */
    for (Py_ssize_t i = 1; i < count; i++) {
        if (compare(&pairs[i - 1], &pairs[i]) > 0) {
            qsort(pairs, (size_t)count, sizeof(Pair), compare);
            return;
        }
    }
}

static int
write_pair(Writer *writer, Field *field, const Pair *pair)
{
    size_t before = written(writer);
    int failed = write_value(writer, field, pair->value);
    if (failed == NOTHING) {
        failed = put_varint(writer, 0);
    }
    if (failed < 0 || put_varint(writer, (uint32_t)2 << 3 | field->wire) < 0) {
        return -1;
    }
    if (field->key == S_STRING) {
        size_t size = (size_t)(pair->wire.text.end - pair->wire.text.at);
        failed = put_bytes(writer, pair->wire.text.at, size) < 0 ? -1 : put_varint(writer, size);
    }
    else {
        failed = put_number(writer, (Scalar)field->key, pair->wire.bits);
    }
    if (failed < 0 || put_varint(writer, (uint32_t)1 << 3 | (uint32_t)wire_type_of((Scalar)field->key)) < 0
        || put_length(writer, before) < 0) {
        return -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

/* Take the items of a mapping, each held, so that nothing that writing runs changes them. */
static Pair *
take_pairs(PyObject *value, Py_ssize_t *count)
{
    PyObject *items = NULL;
    Pair *pairs = NULL;
    *count = 0;
    if (!PyDict_CheckExact(value) && (items = pairs_of(value)) == NULL) {
        return NULL;
    }
    Py_ssize_t size = items == NULL ? PyDict_GET_SIZE(value) : PyList_GET_SIZE(items);
    pairs = PyMem_Malloc((size_t)(size + 1) * sizeof(Pair));
    if (pairs == NULL) {
        PyErr_NoMemory();
    }
    else if (items == NULL) {
        Py_ssize_t place = 0;
        while (*count < size && PyDict_Next(value, &place, &pairs[*count].key, &pairs[*count].value)) {
            Py_INCREF(pairs[*count].key);
            Py_INCREF(pairs[*count].value);
            ++*count;
        }
    }
    else {
        for (; *count < size; ++*count) {
            PyObject *item = PyList_GET_ITEM(items, *count);
            pairs[*count].key = Py_NewRef(PyTuple_GET_ITEM(item, 0));
            pairs[*count].value = Py_NewRef(PyTuple_GET_ITEM(item, 1));
        }
    }
    Py_XDECREF(items);
    return pairs;
}

int
write_map(Writer *writer, Field *field, PyObject *value)
{
    Py_ssize_t count;
    Pair *pairs = take_pairs(value, &count);
    if (pairs == NULL) {
        return -1;
    }
    int failed = 0;
    for (Py_ssize_t i = 0; failed == 0 && i < count; i++) {
        failed = key_of(field, pairs[i].key, &pairs[i].wire);
    }
    if (failed == 0 && writer->deterministic) {
        sort_pairs((Scalar)field->key, pairs, count);
    }
    for (Py_ssize_t i = count; failed == 0 && i-- > 0;) {
        failed = write_pair(writer, field, &pairs[i]);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_DECREF(pairs[i].key);
        Py_DECREF(pairs[i].value);
    }
    PyMem_Free(pairs);
    return failed;
}
