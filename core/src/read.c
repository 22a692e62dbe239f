/* Reading: the members of one model from its span.
 *
 * A level is read whole, into values that nobody else sees, and then published at once. Reading may run Python code of
 * others (the collector does, and so do foreign readers), and another thread may read the same model meanwhile: then
 * what came second is thrown away. Nothing that was assigned is ever overwritten. */

#include "core.h"

/* What was found of a field so far. */
typedef struct {
    PyObject *value;         /* of numbers, strings, lists and maps: what was read */
    PyObject *joined;        /* of a message that came several times: all of it */
    Cursor span;             /* of a message: where it stands */
    const uint8_t *since;    /* where the first occurrence of it stands that counts */
    bool present;
    bool repeated;           /* a message came several times */
    bool lossy;              /* the value does not say all that was read */
} Found;

/* Sharing a large buffer would have a small part keep the whole of it, and a buffer for each part takes its time and its
 * place. So parts that are most of the buffer share it, small ones share a piece of it with their neighbours, and others
 * get bytes of their own. */
#define SMALL_PART 48
#define PIECE 128

typedef struct {
    PyObject *bytes;
    Cursor of;               /* where its bytes were copied from */
} Shared;

typedef struct {
    Plan *plan;
    PyObject *buffer;        /* the bytes that `span` is in */
    Shared *shared;          /* the last piece that small parts share */
    Cursor span;
    bool canonical;
    bool unknown;            /* there are unknown fields */
    Py_ssize_t lossy;        /* how many of the fields have values that do not say all */
    Found *found;            /* of each field */
    int16_t *arms;           /* of each oneof the place of the arm that is set, or -1 */
} Level;

/* ---- Values ---- */

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

static PyObject *read_eagerly(const Level *level, Plan *plan, Cursor span, bool canonical);

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
static PyObject *
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
static PyObject *
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
static int
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

/* ---- One level ---- */

static int
append(Found *found, PyObject *value)
{
    int failed = value == NULL ? -1 : PyList_Append(found->value, value);
    Py_XDECREF(value);
    return failed;
}

static int
find_packed(const Field *field, Found *found, Cursor span)
{
    while (span.at < span.end) {
        uint64_t bits;
        if (!read_number(&span, field->wire, &bits)) {
            malformed();
            return -1;
        }
        if (append(found, read_number_value(field, bits)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
find_in_list(Level *level, Field *field, Found *found, Cursor *cursor, int wire)
{
    uint64_t bits;
    Cursor span;
    if (found->value == NULL) {
        found->value = field->kind == KEY_VALUES ? PyDict_New() : PyList_New(0);
        if (found->value == NULL) {
            return -1;
        }
    }
    if (wire != WIRE_BYTES) {
        if (!read_number(cursor, wire, &bits)) {
            goto malformed;
        }
        return append(found, read_number_value(field, bits));
    }
    if (!read_delimited(cursor, &span)) {
        goto malformed;
    }
    if (field->kind == KEY_VALUES) {
        return sub_plan(field) == NULL ? -1 : read_key_value_into(field, span, found->value, &found->lossy);
    }
    if (is_message_kind(field)) {
        return append(found, read_message(level, field, span, &found->lossy));
    }
    return field->wire == WIRE_BYTES ? append(found, read_text(field, span)) : find_packed(field, found, span);
malformed:
    malformed();
    return -1;
}

static int
find_in_map(Level *level, Field *field, Found *found, Cursor *cursor)
{
    Cursor span;
    if (found->value == NULL && (found->value = PyDict_New()) == NULL) {
        return -1;
    }
    if (!read_delimited(cursor, &span)) {
        malformed();
        return -1;
    }
    return read_entry_into(level, field, span, found->value, &found->lossy, &level->unknown);
}

static void
forget(Found *found)
{
    Py_CLEAR(found->value);
    Py_CLEAR(found->joined);
    found->present = found->repeated = found->lossy = false;
}

static int
find_single(Level *level, Field *field, Found *found, Cursor *cursor, const uint8_t *start, int wire)
{
    uint64_t bits;
    Cursor span;
    if (field->oneof >= 0) {
        int16_t place = (int16_t)(field - level->plan->fields), *arm = &level->arms[field->oneof];
        if (*arm >= 0 && *arm != place) {
            forget(&level->found[*arm]);
        }
        *arm = place;
    }
    if (wire != WIRE_BYTES) {
        if (!read_number(cursor, wire, &bits)) {
            malformed();
            return -1;
        }
        PyObject *value = read_number_value(field, bits);
        Py_XSETREF(found->value, value);
        found->present = true;
        return value == NULL ? -1 : 0;
    }
    if (!read_delimited(cursor, &span)) {
        malformed();
        return -1;
    }
    if (is_message_kind(field)) {
        /* One that comes again is merged with what came before. */
        found->repeated = found->present;
        found->since = found->present ? found->since : start;
        found->span = span;
        found->present = true;
        return 0;
    }
    PyObject *value = read_text(field, span);
    Py_XSETREF(found->value, value);
    found->present = true;
    return value == NULL ? -1 : 0;
}

static int
find_all(Level *level)
{
    Cursor cursor = level->span;
    while (cursor.at < cursor.end) {
        uint32_t tag;
        const uint8_t *start = cursor.at;
        if (!read_varint32(&cursor, &tag)) {
            malformed();
            return -1;
        }
        int wire = (int)(tag & 7);
        Field *field = find_field(level->plan, tag >> 3);
        if (field == NULL || !takes_wire(field, wire)) {
            level->unknown = true;
            if (!skip_field(&cursor, tag, MAX_DEPTH)) {
                malformed();
                return -1;
            }
            continue;
        }
        Found *found = &level->found[field - level->plan->fields];
        int failed = field->label == ONE    ? find_single(level, field, found, &cursor, start, wire)
                     : field->label == LIST ? find_in_list(level, field, found, &cursor, wire)
                                            : find_in_map(level, field, found, &cursor);
        if (failed < 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether what was found of a field is empty: a message of no bytes, once it is in its canonical form. */
static int
is_empty(const Level *level, Field *field, const Found *found)
{
    if (field->label != ONE || !is_message_kind(field)) {
        return PyObject_Not(found->value);
    }
    if (level->canonical || found->span.at == found->span.end) {
        return found->span.at == found->span.end;
    }
    Plan *plan = sub_plan(field);
    PyObject *bytes = plan == NULL ? NULL : canonical_bytes(plan, found->span, ALL_FIELDS);
    int empty = bytes == NULL ? -1 : PyBytes_GET_SIZE(bytes) == 0;
    Py_XDECREF(bytes);
    return empty;
}

/* Whether another arm of its oneof is set: then an absent one is absent, whatever it would read as. */
static bool
has_other_arm(const Level *level, const Field *field)
{
    return field->oneof >= 0 && level->arms[field->oneof] >= 0;
}

/* Complete the value of a field: what messages and absent fields read as. */
static int
settle(Level *level, Field *field, Found *found)
{
    if (field->label != ONE) {
        if (found->value == NULL) {
            found->value = field->label == LIST && field->kind != KEY_VALUES ? PyList_New(0) : PyDict_New();
        }
        /* What is written in order may have been read in another one. */
        found->lossy = found->lossy || (field->order != NULL && found->value != NULL && PyObject_Size(found->value) > 1);
    }
    else if (is_message_kind(field)) {
        if (found->present) {
            if (found->repeated) {
                found->joined = join_occurrences((Cursor){found->since, level->span.end}, field->number);
                if (found->joined == NULL) {
                    return -1;
                }
                found->span = all_of(found->joined);
            }
            int empty = field->empty_is_none ? is_empty(level, field, found) : 0;
            if (empty < 0) {
                return -1;
            }
            if (empty) {
                /* Present, but read as if it were not. */
                found->lossy = true;
                found->value = Py_NewRef(Py_None);
                return 0;
            }
            found->value = found->joined == NULL
                               ? read_message(level, field, found->span, &found->lossy)
                               : read_joined(level, field, found->joined, &found->lossy);
            if (field->kind == VALUE && found->value == Py_None && hooks.null != NULL) {
                Py_SETREF(found->value, Py_NewRef(hooks.null));
            }
        }
        else if (field->kind == WRAPPER) {
            found->value = Py_NewRef(field->absent_default ? Py_False : Py_None);
            found->lossy = field->absent_default;
        }
        else if ((field->absent_default && !field->empty_is_none && !has_other_arm(level, field))
                 || field->kind == FLATTENED) {
            /* Absent, but read as if it were present and empty. */
            found->value = read_message(level, field, (Cursor){NULL, NULL}, &found->lossy);
            found->lossy = true;
        }
        else {
            found->value = Py_NewRef(Py_None);
        }
        if (found->value != NULL && field->truthy && found->present) {
            /* Present, but not written where it is false. */
            int is_false = PyObject_Not(found->value);
            found->lossy = found->lossy || is_false > 0;
            return is_false < 0 ? -1 : 0;
        }
        return found->value == NULL ? -1 : 0;
    }
    else if (!found->present) {
        if (field->explicit && (!field->absent_default || has_other_arm(level, field))) {
            found->value = Py_NewRef(Py_None);
        }
        else {
            found->value = zero_value(field);
            found->lossy = field->explicit;
        }
    }
    if (found->value == NULL) {
        return -1;
    }
    if (field->empty_is_none) {
        int empty = is_empty(level, field, found);
        if (empty < 0) {
            return -1;
        }
        if (empty) {
            found->lossy = found->lossy || (field->explicit && found->present);
            Py_SETREF(found->value, Py_NewRef(Py_None));
        }
    }
    return 0;
}

/* ---- What the values do not say ---- */

static PyObject *
plain_bytes(Field *field, PyObject *value, PyObject *beside)
{
    Writer writer;
    start_writer(&writer, true);
    PyObject *bytes = NULL;
    if (write_beside(&writer, field, value, beside) == 0) {
        bytes = PyBytes_FromStringAndSize((const char *)writer.at, (Py_ssize_t)written(&writer));
    }
    finish_writer(&writer);
    return bytes;
}

/* What an empty message is written as. */
static PyObject *
empty_message(const Field *field)
{
    char bytes[sizeof field->tag + 1];
    memcpy(bytes, field->tag, field->tag_length);
    bytes[field->tag_length] = 0;
    return PyBytes_FromStringAndSize(bytes, field->tag_length + 1);
}

/* The unknown fields in a flattened message in `*beside`, NULL if there are none. */
static int
find_beside(Field *field, const Found *found, PyObject **beside)
{
    *beside = NULL;
    if (field->kind != FLATTENED || !found->present) {
        return 0;
    }
    Plan *plan = sub_plan(field);
    *beside = plan == NULL ? NULL : canonical_bytes(plan, found->span, UNKNOWN_FIELDS);
    if (*beside != NULL && PyBytes_GET_SIZE(*beside) == 0) {
        Py_CLEAR(*beside);
        return 0;
    }
    return *beside == NULL ? -1 : 0;
}

static int
note_field(Level *level, Residue *residue, Py_ssize_t place)
{
    Field *field = &level->plan->fields[place];
    Note *note = &residue->notes[Py_SIZE(residue)];
    bool absent = field->label == ONE && !level->found[place].present;
    PyObject *beside;
    if (find_beside(field, &level->found[place], &beside) < 0) {
        return -1;
    }
    PyObject *raw = absent ? PyBytes_FromStringAndSize(NULL, 0) : canonical_bytes(level->plan, level->span, place);
    PyObject *plain = raw == NULL ? NULL
                      : absent && (field->kind == MODEL || (field->kind == FOREIGN && field->lossless))
                          ? empty_message(field)
                          : plain_bytes(field, level->found[place].value, beside);
    if (plain == NULL) {
        Py_XDECREF(raw);
        Py_XDECREF(beside);
        return -1;
    }
    /* A foreign reader that tells everything. */
    if (beside == NULL && PyBytes_GET_SIZE(raw) == PyBytes_GET_SIZE(plain)
        && memcmp(PyBytes_AS_STRING(raw), PyBytes_AS_STRING(plain), (size_t)PyBytes_GET_SIZE(raw)) == 0) {
        Py_DECREF(raw);
        Py_DECREF(plain);
        return 0;
    }
    note->items = field->order == NULL ? NULL : PySequence_Tuple(level->found[place].value);
    note->number = field->number;
    note->raw = raw;
    note->plain = plain;
    note->beside = beside;
    Py_SET_SIZE(residue, Py_SIZE(residue) + 1);
    return field->order != NULL && note->items == NULL ? -1 : 0;
}

/* The residue of the level in `*residue`, NULL if its values say all. */
static int
find_residue(Level *level, Residue **residue)
{
    *residue = NULL;
    if (level->lossy == 0 && !level->unknown) {
        *residue = level->plan->nothing ? empty_residue() : NULL;
        return level->plan->nothing && *residue == NULL ? -1 : 0;
    }
    Residue *made = new_residue(level->lossy);
    if (made == NULL) {
        return -1;
    }
    /* Its size is the number of notes that are filled in. */
    Py_SET_SIZE(made, 0);
    if (level->unknown && (made->unknown = canonical_bytes(level->plan, level->span, UNKNOWN_FIELDS)) == NULL) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < level->plan->count; i++) {
        if (level->found[i].lossy && note_field(level, made, i) < 0) {
            goto failed;
        }
    }
    PyObject_GC_Track(made);
    if (Py_SIZE(made) == 0 && made->unknown == NULL && !level->plan->nothing) {
        Py_CLEAR(made);
    }
    *residue = made;
    return 0;
failed:
    Py_DECREF(made);
    return -1;
}

/* ---- Publishing ---- */

/* A model that owns its values: what it was read from is given up. */
static void
set_read(State *state, Residue **residue)
{
    PyObject *old = state->baseline;
    state->unread = 0;
    state->baseline = (PyObject *)*residue;
    state->start = state->length = 0;
    *residue = NULL;
    Py_XDECREF(old);
}

/* Put the values into attributes, which may run code of others; nobody else has the model yet. */
static int
publish_attributes(State *state, Level *level, Residue **residue)
{
    for (Py_ssize_t i = 0; i < level->plan->count; i++) {
        if (PyObject_SetAttr((PyObject *)state, level->plan->fields[i].attribute, level->found[i].value) < 0) {
            return -1;
        }
    }
    set_read(state, residue);
    return 0;
}

/* Put the values where others see them. Nothing in here runs other code, so no other thread sees half of it. */
static void
publish(State *state, Level *level, Residue **residue)
{
    Found *found = level->found;
    for (Field *field = level->plan->fields, *end = field + level->plan->count; field < end; field++, found++) {
        PyObject **slot = slot_of(state, field);
        if (*slot == NULL) {
            *slot = found->value;
            found->value = NULL;
        }
    }
    set_read(state, residue);
}

#define FEW_FIELDS 16

static int
load_level(State *state, Level *level)
{
    Residue *residue = NULL;
    if (find_all(level) < 0) {
        return -1;
    }
    Found *found = level->found;
    for (Field *field = level->plan->fields, *end = field + level->plan->count; field < end; field++, found++) {
        if (field->absent_none && !found->present) {
            found->value = Py_NewRef(Py_None);
        }
        else if (settle(level, field, found) < 0) {
            return -1;
        }
        else {
            level->lossy += found->lossy;
        }
    }
    if (find_residue(level, &residue) < 0) {
        return -1;
    }
    int failed = 0;
    if (level->plan->eager) {
        failed = publish_attributes(state, level, &residue);
    }
    else if (is_span(state) && state->baseline == level->buffer) {
        publish(state, level, &residue);
    }
    Py_XDECREF(residue);
    return failed;
}

/* The same, with room for what is found. */
static int
load_with_room(State *state, Level *level)
{
    Found few[FEW_FIELDS];
    int16_t few_arms[FEW_FIELDS];
    Plan *plan = level->plan;
    Py_ssize_t count = plan->count;
    level->found = few;
    level->arms = few_arms;
    if (count > FEW_FIELDS || plan->oneofs > FEW_FIELDS) {
        level->found = PyMem_Malloc((size_t)count * sizeof(Found) + (size_t)plan->oneofs * sizeof(int16_t));
        if (level->found == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        level->arms = (int16_t *)(level->found + count);
    }
    memset(level->found, 0, (size_t)count * sizeof(Found));
    memset(level->arms, 0xff, (size_t)plan->oneofs * sizeof(int16_t));
    int failed = load_level(state, level);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_XDECREF(level->found[i].value);
        Py_XDECREF(level->found[i].joined);
    }
    if (level->found != few) {
        PyMem_Free(level->found);
    }
    return failed;
}

/* A model of a part of the buffer that is read at once. */
static PyObject *
read_eagerly(const Level *level, Plan *plan, Cursor span, bool canonical)
{
    State *state = (State *)plan->cls->tp_alloc(plan->cls, 0);
    Level inner = {.plan = plan, .buffer = level->buffer, .shared = level->shared, .span = span, .canonical = canonical};
    if (state == NULL || Py_EnterRecursiveCall(" while reading a model")) {
        Py_XDECREF(state);
        return NULL;
    }
    int failed = load_with_room(state, &inner);
    Py_LeaveRecursiveCall();
    if (failed < 0) {
        Py_CLEAR(state);
    }
    return (PyObject *)state;
}

static int
load_foreign(State *state)
{
    PyObject *done = call_hook(hooks.load_foreign, (PyObject *)state, NULL);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

int
load(State *state)
{
    if (!is_span(state)) {
        return load_foreign(state);
    }
    Plan *plan = plan_of(Py_TYPE(state));
    if (plan == NULL) {
        return -1;
    }
    if (plan->cls == NULL || !PyType_IsSubtype(Py_TYPE(state), plan->cls)) {
        PyErr_Format(PyExc_TypeError, "the plan of %U is not that of a %.100s", plan->name, Py_TYPE(state)->tp_name);
        return -1;
    }
    if (!is_span(state)) {
        /* Preparing the plan ran Python code. */
        return 0;
    }
    Shared shared = {NULL, {NULL, NULL}};
    Level level = {.plan = plan, .buffer = Py_NewRef(state->baseline), .shared = &shared, .span = span_of(state),
                   .canonical = state->canonical};
    int failed = load_with_room(state, &level);
    Py_XDECREF(shared.bytes);
    Py_DECREF(level.buffer);
    return failed;
}
