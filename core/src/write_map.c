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

typedef int (*Order)(const void *, const void *);

static Order
order_of(Scalar key)
{
    if (key == S_STRING) {
        return compare_texts;
    }
    return key == S_SINT32 || key == S_SINT64 ? compare_zigzags : compare_numbers;
}

/* Whether there was anything to sort. */
static bool
sort_pieces(Scalar key, Piece *pieces, Py_ssize_t count)
{
    Order order = order_of(key);
    /* Dicts are often in order, and asking is cheap. */
    for (Py_ssize_t i = 1; i < count; i++) {
        if (order(&pieces[i - 1], &pieces[i]) > 0) {
            qsort(pieces, (size_t)count, sizeof(Piece), order);
            return true;
        }
    }
    return false;
}

/* Move the pieces, which are what was written since `before`, into their order. */
static int
move_pieces(Writer *writer, const Piece *pieces, Py_ssize_t count, size_t before)
{
    size_t all = written(writer), kept = 0;
    uint8_t *copy = PyMem_Malloc(all - before);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, writer->at, all - before);
    for (Py_ssize_t i = 0; i < count; i++) {
        kept += pieces[i].size;
    }
    rewind_to(writer, before + kept);
    uint8_t *to = writer->at;
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

/* Take the items of a dict, each held, so that nothing that writing runs changes them. */
static Pair *
take_pairs(PyObject *dict, Py_ssize_t *count)
{
    Py_ssize_t size = PyDict_GET_SIZE(dict), place = 0;
    Pair *pairs = PyMem_Malloc((size_t)(size + 1) * sizeof(Pair));
    *count = 0;
    if (pairs == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    while (*count < size && PyDict_Next(dict, &place, &pairs[*count].key, &pairs[*count].value)) {
        Py_INCREF(pairs[*count].key);
        Py_INCREF(pairs[*count].value);
        ++*count;
    }
    return pairs;
}

/* Whether a key of a dict is another one on the wire too: "a" and b"a" are not, nor are 1 and 2 as a bool. */
static bool
stays_apart(const Field *field, PyObject *key)
{
    return field->key == S_BOOL ? PyBool_Check(key) : PyUnicode_CheckExact(key) || PyLong_CheckExact(key);
}

/* Sort the pieces, and of those of one key leave only what came last. */
static void
leave_out_repeated(Scalar key, Piece *pieces, Py_ssize_t count)
{
    qsort(pieces, (size_t)count, sizeof(Piece), order_of(key));
    Piece *kept = pieces;
    for (Piece *piece = pieces + 1; piece < pieces + count; piece++) {
        if (compare_keys(key, &kept->key, &piece->key) != 0) {
            kept = piece;
        }
        else if (piece->start > kept->start) {
            /* The earlier an item came, the farther from the end it stands. */
            piece->size = 0;
        }
        else {
            kept->size = 0;
            kept = piece;
        }
    }
}

/* Bring the pieces into the order that is asked for, if they are not in it, each key once. Whether they are to be
 * moved. */
static bool
settle_pieces(Scalar key, Piece *pieces, Py_ssize_t count, bool apart, bool deterministic)
{
    if (apart) {
        return deterministic && sort_pieces(key, pieces, count);
    }
    leave_out_repeated(key, pieces, count);
    return true;
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
    bool apart = true;
    size_t before = written(writer);
    for (Py_ssize_t i = 0; failed == 0 && i < count; i++) {
        apart = apart && stays_apart(field, pairs[i].key);
        failed = key_of(field, pairs[i].key, &pieces[i].key);
    }
    for (Py_ssize_t i = count; failed == 0 && i-- > 0;) {
        failed = write_pair(writer, field, pairs[i].value, &pieces[i]);
    }
    if (failed == 0 && settle_pieces((Scalar)field->key, pieces, count, apart, writer->deterministic)) {
        failed = move_pieces(writer, pieces, count, before);
    }
    PyMem_Free(pieces);
    return failed;
}

int
write_map(Writer *writer, Field *field, PyObject *value)
{
    Py_ssize_t count;
    PyObject *dict = dict_of(value);
    Pair *pairs = dict == NULL ? NULL : take_pairs(dict, &count);
    Py_XDECREF(dict);
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
