/* Validation: whether bytes are a message of a plan, all the way down, so that nothing fails at a later read. The same
 * walk tells whether they are canonical: what writing the message anew would give. */

#include "core.h"

#define MOST_ONEOFS 64

/* The way to where it failed, from the inside out. */
typedef struct {
    const char *reason;      /* NULL: a Python error is set */
    const uint8_t *at;
    const Field *path[MAX_DEPTH + 2];
    int steps;
} Failure;

typedef struct {
    Failure *failure;
    bool canonical;
    bool unknown;            /* there is an unknown field */
    int depth;               /* how deep more may be nested */
} Check;

/* What was seen of one message. */
typedef struct {
    uint32_t number;         /* of the last known field */
    uint32_t unknown;        /* the tag of the last unknown one */
    uint64_t oneofs;         /* of which an arm was seen */
    Key key;                 /* of the last entry of a map */
} Seen;

static bool
fail(Check *check, const uint8_t *at, const char *reason)
{
    check->failure->reason = reason;
    check->failure->at = at;
    return false;
}

static inline void
demand(Check *check, bool canonical)
{
    /* Not by `&=`: each would wait for the one before. */
    if (!canonical) {
        check->canonical = false;
    }
}

static bool check_message(Check *check, Plan *plan, Cursor span);

/* Whether the varint of several bytes that was read needs all of them. */
static inline bool
is_shortest(const Cursor *cursor)
{
    return cursor->at[-1] != 0;
}

static bool
check_long_varint32(Check *check, Cursor *cursor, uint32_t *value)
{
    const uint8_t *start = cursor->at;
    if (!read_varint32(cursor, value)) {
        return fail(check, start, start == cursor->end ? "it is cut off" : "a tag or a length is none");
    }
    demand(check, is_shortest(cursor));
    return true;
}

/* Read a tag or a length; whether it is in its shortest form is noted. */
static inline bool
check_varint32(Check *check, Cursor *cursor, uint32_t *value)
{
    const uint8_t *at = cursor->at;
    if (at < cursor->end && at[0] < 0x80) {
        *value = at[0];
        cursor->at = at + 1;
        return true;
    }
    if (cursor->end - at >= 2 && at[1] < 0x80) {
        *value = (at[0] & 0x7fu) | (uint32_t)at[1] << 7;
        cursor->at = at + 2;
        demand(check, is_shortest(cursor));
        return true;
    }
    return check_long_varint32(check, cursor, value);
}

static inline bool
check_delimited(Check *check, Cursor *cursor, Cursor *field)
{
    uint32_t length;
    const uint8_t *start = cursor->at;
    if (!check_varint32(check, cursor, &length)) {
        return false;
    }
    if (length > (size_t)(cursor->end - cursor->at)) {
        return fail(check, start, "it is cut off");
    }
    field->at = cursor->at;
    field->end = cursor->at += length;
    return true;
}

static bool
check_long_number(Check *check, Scalar scalar, int wire, Cursor *cursor, uint64_t *bits)
{
    const uint8_t *start = cursor->at;
    if (!read_number(cursor, wire, bits)) {
        return fail(check, start, cursor->end - start < MAX_VARINT ? "it is cut off" : "a varint is too long");
    }
    if (wire == WIRE_VARINT) {
        uint64_t normal = normal_bits(scalar, *bits);
        demand(check, normal == *bits && is_shortest(cursor) && (cursor->at - start < MAX_VARINT || start[9] == 1));
        *bits = normal;
    }
    return true;
}

static inline bool
check_number(Check *check, Scalar scalar, int wire, Cursor *cursor, uint64_t *bits)
{
    if (wire == WIRE_VARINT && cursor->at < cursor->end && *cursor->at < 0x80) {
        *bits = *cursor->at++;
        demand(check, scalar != S_BOOL || *bits < 2);
        return true;
    }
    return check_long_number(check, scalar, wire, cursor, bits);
}

static inline bool
check_text(Check *check, const Field *field, Scalar scalar, Cursor span)
{
    if (scalar != S_STRING || is_utf8(span.at, span.end)) {
        return true;
    }
    check->failure->path[check->failure->steps++] = field;
    return fail(check, span.at, "a string is no UTF-8");
}

static bool
check_unknown(Check *check, Cursor *cursor, uint32_t tag, Seen *seen)
{
    const uint8_t *start = cursor->at;
    uint64_t bits;
    demand(check, tag >= seen->unknown);
    seen->unknown = tag;
    check->unknown = true;
    if ((tag & 7) == WIRE_VARINT) {
        return check_number(check, S_UINT64, WIRE_VARINT, cursor, &bits);
    }
    if ((tag & 7) == WIRE_BYTES) {
        Cursor field;
        return check_delimited(check, cursor, &field);
    }
    if ((tag & 7) == WIRE_START) {
        /* What is in it may be in any order. */
        check->canonical = false;
    }
    if (!skip_field(cursor, tag, check->depth)) {
        return fail(check, start, (tag & 7) == WIRE_END   ? "a group ends that did not start"
                                  : (tag & 7) == WIRE_START ? "a group does not end, or is nested too deep"
                                  : (tag & 7) == WIRE_64 || (tag & 7) == WIRE_32 ? "it is cut off"
                                                                                 : "there is no such wire type");
    }
    return true;
}

/* Check the message in a field. */
static bool
check_sub(Check *check, Field *field, Cursor span)
{
    Failure *failure = check->failure;
    Plan *plan = field->sub != NULL ? field->sub : sub_plan(field);
    if (plan == NULL) {
        failure->reason = NULL;
        return false;
    }
    if (check->depth == 0) {
        return fail(check, span.at, "messages are nested too deep");
    }
    check->depth--;
    bool valid = check_message(check, plan, span);
    check->depth++;
    if (!valid && failure->reason != NULL) {
        failure->path[failure->steps++] = field;
    }
    return valid;
}

static bool
check_entry_value(Check *check, Field *field, Cursor *cursor)
{
    uint64_t bits;
    Cursor content;
    if (field->wire != WIRE_BYTES) {
        return check_number(check, (Scalar)field->scalar, field->wire, cursor, &bits);
    }
    if (!check_delimited(check, cursor, &content)) {
        return false;
    }
    return is_message_kind(field) ? check_sub(check, field, content)
                                  : check_text(check, field, (Scalar)field->scalar, content);
}

static bool
check_parts(Check *check, Field *field, Cursor span, Key *key)
{
    int last = 0, key_wire = wire_type_of((Scalar)field->key);
    Seen seen = {0};
    while (span.at < span.end) {
        uint32_t tag;
        bool valid;
        if (!check_varint32(check, &span, &tag)) {
            return false;
        }
        if (tag == ((uint32_t)1 << 3 | (uint32_t)key_wire)) {
            demand(check, last == 0);
            last = 1;
            valid = key_wire == WIRE_BYTES
                        ? check_delimited(check, &span, &key->text) && check_text(check, field, S_STRING, key->text)
                        : check_number(check, (Scalar)field->key, key_wire, &span, &key->bits);
        }
        else if (tag == ((uint32_t)2 << 3 | field->wire)) {
            demand(check, last == 1);
            last = 2;
            valid = check_entry_value(check, field, &span);
        }
        else {
            /* Such an entry is an unknown field. */
            check->canonical = false;
            valid = tag >> 3 != 0 ? check_unknown(check, &span, tag, &seen)
                                  : fail(check, span.at, "a field has no number");
        }
        if (!valid) {
            return false;
        }
    }
    demand(check, last == 2);
    return true;
}

/* Check an entry of a map; it is a message like any other. */
static bool
check_entry(Check *check, Field *field, Cursor span, Seen *seen)
{
    Key key = {{NULL, NULL}, 0};
    if (check->depth == 0) {
        return fail(check, span.at, "messages are nested too deep");
    }
    check->depth--;
    bool valid = check_parts(check, field, span, &key);
    check->depth++;
    if (!valid) {
        return false;
    }
    demand(check, seen->number != field->number || compare_keys((Scalar)field->key, &seen->key, &key) < 0);
    seen->key = key;
    return true;
}

static bool
check_packed(Check *check, const Field *field, Cursor span)
{
    uint64_t bits;
    demand(check, span.at < span.end);
    while (span.at < span.end) {
        if (!check_number(check, (Scalar)field->scalar, field->wire, &span, &bits)) {
            return false;
        }
    }
    return true;
}

/* Whether a field stands where it does in canonical bytes. */
static inline void
check_order(Check *check, const Field *field, bool packed, Seen *seen)
{
    if (field->number <= seen->number || seen->unknown != 0) {
        demand(check, field->number == seen->number && seen->unknown == 0 && field->label != ONE && !packed);
    }
    if (field->label == LIST) {
        demand(check, packed == field->packed);
    }
    if (field->oneof >= 0) {
        uint64_t bit = field->oneof < MOST_ONEOFS ? UINT64_C(1) << field->oneof : 0;
        demand(check, bit != 0 && !(seen->oneofs & bit));
        seen->oneofs |= bit;
    }
}

static inline bool
check_field(Check *check, Field *field, Cursor *cursor, int wire, Seen *seen)
{
    uint64_t bits;
    Cursor span;
    bool packed = wire != field->wire && field->label == LIST;
    bool valid;
    check_order(check, field, packed, seen);
    if (wire != WIRE_BYTES) {
        valid = check_number(check, (Scalar)field->scalar, field->wire, cursor, &bits);
        demand(check, !valid || bits != 0 || field->explicit || field->label == LIST);
    }
    else if (!check_delimited(check, cursor, &span)) {
        return false;
    }
    else if (field->label == MAP) {
        valid = check_entry(check, field, span, seen);
    }
    else if (is_message_kind(field)) {
        valid = check_sub(check, field, span);
    }
    else if (packed) {
        valid = check_packed(check, field, span);
    }
    else {
        demand(check, span.at < span.end || field->explicit || field->label == LIST);
        valid = check_text(check, field, (Scalar)field->scalar, span);
    }
    seen->number = field->number;
    return valid;
}

static bool
check_message(Check *check, Plan *plan, Cursor span)
{
    Seen seen = {0};
    while (span.at < span.end) {
        uint32_t tag;
        if (!check_varint32(check, &span, &tag)) {
            return false;
        }
        int wire = (int)(tag & 7);
        Field *field = find_field(plan, tag >> 3);
        bool valid;
        if (field != NULL && takes_wire(field, wire)) {
            valid = check_field(check, field, &span, wire, &seen);
        }
        else if (tag >> 3 == 0 && plan->count > 0) {
            /* In a message without fields, protobuf's parser looks at no number. */
            return fail(check, span.at, "a field has no number");
        }
        else {
            valid = check_unknown(check, &span, tag, &seen);
        }
        if (!valid) {
            return false;
        }
    }
    return true;
}

static void
raise(const Plan *plan, const Failure *failure, Cursor span)
{
    PyObject *path = PyUnicode_FromString("");
    for (int i = failure->steps; path != NULL && i-- > 0;) {
        PyObject *longer = PyUnicode_FromFormat("%U%s%U", path, i == failure->steps - 1 ? "" : ".",
                                                failure->path[i]->name);
        Py_SETREF(path, longer);
    }
    if (path == NULL) {
        return;
    }
    bool inside = failure->steps > 0;
    PyErr_Format(hooks.decode_error == NULL ? PyExc_ValueError : hooks.decode_error,
                 "these %zd bytes are no valid %U: %s, at byte %zd%s%U", (Py_ssize_t)(span.end - span.at), plan->name,
                 failure->reason, (Py_ssize_t)(failure->at - span.at), inside ? ", in " : "", path);
    Py_DECREF(path);
}

int
validate(Plan *plan, Cursor span)
{
    Failure failure = {.reason = NULL, .steps = 0};
    Check check = {.failure = &failure, .canonical = true, .depth = MAX_DEPTH};
    if (check_message(&check, plan, span)) {
        return check.canonical;
    }
    if (failure.reason != NULL) {
        raise(plan, &failure, span);
    }
    return -1;
}

bool
may_hold_unknown(Plan *plan, Cursor span)
{
    Failure failure = {.reason = NULL, .steps = 0};
    Check check = {.failure = &failure, .canonical = true, .depth = MAX_DEPTH};
    if (check_message(&check, plan, span)) {
        return check.unknown;
    }
    /* It nests deeper than is looked at here. */
    PyErr_Clear();
    return true;
}
