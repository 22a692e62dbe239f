/* Writing maps: their items are taken first, so that nothing that writing runs changes them.
 *
 * What is to be sorted is written in the order of the dict, and then moved: models that were read one after the other lie
 * side by side, and going through them in another order would wait for memory at every step. */

#include "core.h"

typedef struct {
    PyObject *key;
    PyObject *value;
} Pair;

/* What stands for a pair in the buffer: `start` is how far before the end. */
typedef struct {
    Key key;
    size_t start;
    size_t size;
} Piece;

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
compare_texts(const void *one, const void *other)
{
    return compare_keys(S_STRING, &((const Piece *)one)->key, &((const Piece *)other)->key);
}

static int
compare_numbers(const void *one, const void *other)
{
    return compare_keys(S_UINT64, &((const Piece *)one)->key, &((const Piece *)other)->key);
}

static int
compare_zigzags(const void *one, const void *other)
{
    return compare_keys(S_SINT64, &((const Piece *)one)->key, &((const Piece *)other)->key);
}

/* Whether there was anything to sort. */
static bool
sort_pieces(Scalar key, Piece *pieces, Py_ssize_t count)
{
    bool zigzags = key == S_SINT32 || key == S_SINT64;
    int (*compare)(const void *, const void *) = key == S_STRING ? compare_texts
                                                 : zigzags       ? compare_zigzags
                                                                 : compare_numbers;
    /* Dicts are often in order, and asking is cheap. */
    for (Py_ssize_t i = 1; i < count; i++) {
        if (compare(&pieces[i - 1], &pieces[i]) > 0) {
            qsort(pieces, (size_t)count, sizeof(Piece), compare);
            return true;
        }
    }
    return false;
}

/* Move the pieces, which are what was written last, into their order. */
static int
move_pieces(Writer *writer, const Piece *pieces, Py_ssize_t count)
{
    size_t all = written(writer), size = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        size += pieces[i].size;
    }
    uint8_t *copy = PyMem_Malloc(size), *to = writer->at;
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, writer->at, size);
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(to, copy + (all - pieces[i].start), pieces[i].size);
        to += pieces[i].size;
    }
    PyMem_Free(copy);
    return 0;
}

static int
write_pair(Writer *writer, Field *field, PyObject *value, Piece *piece)
{
    size_t before = written(writer);
    int failed = write_value(writer, field, value);
    if (failed == NOTHING) {
        failed = put_varint(writer, 0);
    }
    if (failed < 0 || put_varint(writer, (uint32_t)2 << 3 | field->wire) < 0) {
        return -1;
    }
    if (field->key == S_STRING) {
        size_t size = (size_t)(piece->key.text.end - piece->key.text.at);
        failed = put_bytes(writer, piece->key.text.at, size) < 0 ? -1 : put_varint(writer, size);
    }
    else {
        failed = put_number(writer, (Scalar)field->key, piece->key.bits);
    }
    if (failed < 0 || put_varint(writer, (uint32_t)1 << 3 | (uint32_t)wire_type_of((Scalar)field->key)) < 0
        || put_length(writer, before) < 0 || put_bytes(writer, field->tag, field->tag_length) < 0) {
        return -1;
    }
    piece->start = written(writer);
    piece->size = piece->start - before;
    return 0;
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

static int
write_pairs(Writer *writer, Field *field, const Pair *pairs, Py_ssize_t count)
{
    Piece *pieces = PyMem_Malloc((size_t)(count + 1) * sizeof(Piece));
    if (pieces == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int failed = 0;
    for (Py_ssize_t i = 0; failed == 0 && i < count; i++) {
        failed = key_of(field, pairs[i].key, &pieces[i].key);
    }
    for (Py_ssize_t i = count; failed == 0 && i-- > 0;) {
        failed = write_pair(writer, field, pairs[i].value, &pieces[i]);
    }
    if (failed == 0 && writer->deterministic && sort_pieces((Scalar)field->key, pieces, count)) {
        failed = move_pieces(writer, pieces, count);
    }
    PyMem_Free(pieces);
    return failed;
}

int
write_map(Writer *writer, Field *field, PyObject *value)
{
    Py_ssize_t count;
    Pair *pairs = take_pairs(value, &count);
    if (pairs == NULL) {
        return -1;
    }
    int failed = write_pairs(writer, field, pairs, count);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_DECREF(pairs[i].key);
        Py_DECREF(pairs[i].value);
    }
    PyMem_Free(pairs);
    return failed;
}
