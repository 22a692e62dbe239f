/* Reading one level: the values of all fields, as they come, and what absent ones read as. */

#include "level.h"

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

int
read_level(Level *level)
{
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
    return 0;
}
