/* Reading one value: a message of any kind, and the entries of maps. */

#include "level.h"

/* Sharing a large buffer would have a small part keep the whole of it, and a buffer for each part takes its time and its
 * place. So parts that are most of the buffer share it, small ones share a piece of it with their neighbours, and others
 * get bytes of their own. */
#define SMALL_PART 48
#define PIECE 128

/* A new piece of the buffer for a part, and for what stands behind it if the part is small. */
static PyObject *
copy_piece(const Level *level, Cursor span)
{
    const uint8_t *whole = (const uint8_t *)PyBytes_AS_STRING(level->buffer);
    Py_ssize_t length = span.end - span.at, left = whole + PyBytes_GET_SIZE(level->buffer) - span.at;
    if (length > SMALL_PART) {
        return PyBytes_FromStringAndSize((const char *)span.at, length);
    }
    Py_ssize_t size = left < PIECE ? left : PIECE;
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)span.at, size);
    if (bytes != NULL) {
        Py_INCREF(bytes);
        Py_XSETREF(level->shared->bytes, bytes);
        level->shared->of = (Cursor){span.at, span.at + size};
    }
    return bytes;
}

/* An unread model of a part of the buffer, or one that was read already if its class wants that. */
static PyObject *
read_model(const Level *level, Plan *plan, Cursor span)
{
    static const uint8_t nothing[1];
    if (span.at == NULL) {
        span = (Cursor){nothing, nothing};
    }
    size_t length = (size_t)(span.end - span.at);
    const Shared *shared = level->shared;
    PyObject *bytes;
    bool canonical = level->canonical || length == 0;
    if (plan->eager) {
        return read_eagerly(level, plan, span, canonical);
    }
    if (length == 0) {
        bytes = PyBytes_FromStringAndSize(NULL, 0);
        return bytes == NULL ? NULL : new_unread(plan, bytes, all_of(bytes), true);
    }
    if (length >= (size_t)PyBytes_GET_SIZE(level->buffer) / 2) {
        return new_unread(plan, Py_NewRef(level->buffer), span, canonical);
    }
    if (shared->bytes != NULL && length <= SMALL_PART && span.at >= shared->of.at && span.end <= shared->of.end) {
        bytes = Py_NewRef(shared->bytes);
    }
    else if ((bytes = copy_piece(level, span)) == NULL) {
        return NULL;
    }
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(bytes);
    if (bytes == shared->bytes) {
        at += span.at - shared->of.at;
    }
    return new_unread(plan, bytes, (Cursor){at, at + length}, canonical);
}

static PyObject *read_flattened(Level *level, Field *field, Cursor span, bool *lossy);

/* The value of one message, of any kind. */
PyObject *
read_message(Level *level, Field *field, Cursor span, bool *lossy)
{
    Plan *plan;
    switch (field->kind) {
    case MODEL:
        plan = sub_plan(field);
        return plan == NULL ? NULL : read_model(level, plan, span);
    case FLATTENED:
        return read_flattened(level, field, span, lossy);
    case FOREIGN: {
        PyObject *bytes = PyBytes_FromStringAndSize((const char *)span.at, span.end - span.at);
        PyObject *value = bytes == NULL ? NULL : PyObject_CallOneArg(field->read, bytes);
        Py_XDECREF(bytes);
        *lossy = *lossy || !field->lossless;
        return value;
    }
    default:
        return read_converted(field, span, lossy);
    }
}

/* The value of a message that came in several parts, which were joined. */
PyObject *
read_joined(const Level *level, Field *field, PyObject *joined, bool *lossy)
{
    Shared shared = {NULL, {NULL, NULL}};
    Level inner = *level;
    inner.buffer = joined;
    inner.shared = &shared;
    inner.canonical = false;
    PyObject *value = read_message(&inner, field, all_of(joined), lossy);
    Py_XDECREF(shared.bytes);
    return value;
}

/* ---- Entries of maps ---- */

static PyObject *
read_entry_key(const Field *field, const Entry *entry)
{
    Field key = {.scalar = field->key, .wire = (uint8_t)entry->key_wire};
    return key.wire == WIRE_BYTES ? read_text(&key, entry->key.text) : read_number_value(&key, entry->key.bits);
}

static PyObject *
read_entry_value(Level *level, Field *field, Cursor span, const Entry *entry, bool *lossy)
{
    if (!is_message_kind(field)) {
        return field->wire == WIRE_BYTES ? read_text(field, entry->value) : read_number_value(field, entry->bits);
    }
    if (!entry->repeated_value) {
        return read_message(level, field, entry->value, lossy);
    }
    PyObject *joined = join_entry_values(span);
    if (joined == NULL) {
        return NULL;
    }
    PyObject *value = read_joined(level, field, joined, lossy);
    Py_DECREF(joined);
    return value;
}

/* Add an entry to the dict `into`; `unknown` is set instead if it holds an unknown field. */
int
read_entry_into(Level *level, Field *field, Cursor span, PyObject *into, bool *lossy, bool *unknown)
{
    Entry entry;
    if (!read_entry(field, span, &entry, MAX_DEPTH)) {
        malformed();
        return -1;
    }
    if (entry.unknown) {
        *unknown = true;
        return 0;
    }
    PyObject *key = read_entry_key(field, &entry);
    PyObject *value = key == NULL ? NULL : read_entry_value(level, field, span, &entry, lossy);
    int failed = value == NULL ? -1 : PyDict_SetItem(into, key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return failed;
}

static PyObject *
read_flattened(Level *level, Field *field, Cursor span, bool *lossy)
{
    Plan *plan = sub_plan(field);
    PyObject *dict = plan == NULL ? NULL : PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    Field *inner = &plan->fields[0];
    while (span.at < span.end) {
        uint32_t tag;
        Cursor entry;
        bool unknown = false;
        if (!read_varint32(&span, &tag)) {
            goto malformed;
        }
        if (tag != (inner->number << 3 | WIRE_BYTES)) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                goto malformed;
            }
            continue;
        }
        if (!read_delimited(&span, &entry)) {
            goto malformed;
        }
        if (read_entry_into(level, inner, entry, dict, lossy, &unknown) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
        *lossy = *lossy || unknown;
    }
    return dict;
malformed:
    Py_DECREF(dict);
    return malformed();
}
