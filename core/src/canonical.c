/* The canonical form of a message: the bytes that protobuf's deterministic serialization gives, with the unknown fields
 * at the end, by number, and those of one number as they came. Two messages are compared by bytes in which those are by
 * wire type, too, as protobuf compares them: equal messages have equal ones.
 *
 * It is made from bytes to bytes, by the plans alone: no model and no Python value is created. */

#include "core.h"

#define MOST_LEVELS 3000

/* One occurrence of a field. */
typedef struct {
    Py_ssize_t place;        /* of the field in the plan; of an unknown one, behind all others */
    Py_ssize_t turn;         /* the how-manieth occurrence in the message */
    uint32_t tag;
    bool unknown;
    bool dead;               /* an arm that a later one replaced */
    uint64_t bits;           /* of a number */
    Cursor content;          /* of anything else; of a group, without its end */
} Piece;

typedef struct {
    Piece *pieces;
    Py_ssize_t count, room;
} Pieces;

static Piece *
add_piece(Pieces *all)
{
    if (all->count == all->room) {
        Py_ssize_t room = all->room * 2 + 8;
        Piece *pieces = PyMem_Realloc(all->pieces, (size_t)room * sizeof(Piece));
        if (pieces == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        all->pieces = pieces;
        all->room = room;
    }
    Piece *piece = &all->pieces[all->count];
    memset(piece, 0, sizeof *piece);
    piece->turn = all->count++;
    return piece;
}

static int
compare_pieces(const void *one, const void *other)
{
    const Piece *a = one, *b = other;
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    return a->turn < b->turn ? -1 : 1;
}

/* Read the content of a field with this tag. */
static bool
read_content(Cursor *cursor, uint32_t tag, Piece *piece)
{
    int wire = (int)(tag & 7);
    if (wire == WIRE_BYTES) {
        return read_delimited(cursor, &piece->content);
    }
    if (wire == WIRE_START) {
        return read_group(cursor, tag >> 3, MAX_DEPTH, &piece->content);
    }
    return (wire == WIRE_VARINT || wire == WIRE_64 || wire == WIRE_32) && read_number(cursor, wire, &piece->bits);
}

/* Whether a map's entry holds a field that is neither key nor value. */
static bool
is_odd_entry(const Field *field, Cursor span, bool *odd)
{
    Entry entry;
    if (!read_entry(field, span, &entry, MAX_DEPTH)) {
        return false;
    }
    *odd = entry.unknown;
    return true;
}

static int
collect(Pieces *all, Plan *plan, Cursor span, bool compared)
{
    while (span.at < span.end) {
        uint32_t tag;
        Piece *piece = add_piece(all);
        if (piece == NULL) {
            return -1;
        }
        if (!read_varint32(&span, &tag) || !read_content(&span, tag, piece)) {
            malformed();
            return -1;
        }
        Field *field = plan == NULL ? NULL : find_field(plan, tag >> 3);
        bool odd = field == NULL || !takes_wire(field, (int)(tag & 7));
        if (!odd && field->label == MAP && !is_odd_entry(field, piece->content, &odd)) {
            malformed();
            return -1;
        }
        piece->tag = tag;
        piece->unknown = odd;
        piece->place = odd ? (plan == NULL ? 0 : plan->count) + (Py_ssize_t)(compared ? tag : tag >> 3)
                           : field - plan->fields;
    }
    return 0;
}

/* Of the arms of a oneof only the last one counts, and of it only what came since the last other one. */
static void
bury_arms(Pieces *all, const Plan *plan, int oneof)
{
    Py_ssize_t arm = -1;
    for (Py_ssize_t i = all->count; i-- > 0;) {
        Piece *piece = &all->pieces[i];
        if (piece->unknown || plan->fields[piece->place].oneof != oneof) {
            continue;
        }
        if (arm == -1) {
            arm = piece->place;
        }
        else if (piece->place != arm) {
            arm = -2;
        }
        piece->dead = arm == -2;
    }
}

/* ---- Unknown fields ---- */

static int
put_unknown(Writer *writer, const Piece *piece, int depth)
{
    int wire = (int)(piece->tag & 7);
    size_t size = (size_t)(piece->content.end - piece->content.at);
    int failed;
    switch (wire) {
    case WIRE_VARINT:
        failed = put_varint(writer, piece->bits);
        break;
    case WIRE_64:
        failed = put_number(writer, S_FIXED64, piece->bits);
        break;
    case WIRE_32:
        failed = put_number(writer, S_FIXED32, piece->bits);
        break;
    case WIRE_BYTES:
        failed = put_bytes(writer, piece->content.at, size) < 0 ? -1 : put_varint(writer, size);
        break;
    default:
        failed = put_varint(writer, (piece->tag & ~7u) | WIRE_END) < 0
                     ? -1
                     : write_canonical(writer, NULL, piece->content, ALL_FIELDS, depth + 1);
    }
    return failed < 0 ? -1 : put_varint(writer, piece->tag);
}

/* ---- Numbers and texts ---- */

static int
put_piece_value(Writer *writer, const Field *field, const Piece *piece)
{
    if (field->wire != WIRE_BYTES) {
        return put_number(writer, (Scalar)field->scalar, normal_bits((Scalar)field->scalar, piece->bits));
    }
    size_t size = (size_t)(piece->content.end - piece->content.at);
    return put_bytes(writer, piece->content.at, size) < 0 ? -1 : put_varint(writer, size);
}

static int
put_scalar(Writer *writer, const Field *field, const Piece *last)
{
    bool zero = field->wire == WIRE_BYTES ? last->content.at == last->content.end
                                          : normal_bits((Scalar)field->scalar, last->bits) == 0;
    if (zero && !field->explicit) {
        return 0;
    }
    return put_piece_value(writer, field, last) < 0 ? -1 : put_bytes(writer, field->tag, field->tag_length);
}

/* Put one number of a list of numbers. */
static int
put_number_item(Writer *writer, const Field *field, uint64_t bits)
{
    if (put_number(writer, (Scalar)field->scalar, normal_bits((Scalar)field->scalar, bits)) < 0) {
        return -1;
    }
    return field->packed ? 0 : put_bytes(writer, field->tag, field->tag_length);
}

static int
put_packed_items(Writer *writer, const Field *field, Cursor span)
{
    /* They are read forwards and written backwards. */
    uint64_t *items = PyMem_Malloc(((size_t)(span.end - span.at) + 1) * sizeof(uint64_t));
    size_t count = 0;
    int failed = 0;
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    while (failed == 0 && span.at < span.end) {
        if (!read_number(&span, field->wire, &items[count++])) {
            malformed();
            failed = -1;
        }
    }
    while (failed == 0 && count-- > 0) {
        failed = put_number_item(writer, field, items[count]);
    }
    PyMem_Free(items);
    return failed;
}

static int
put_scalars(Writer *writer, const Field *field, const Piece *pieces, Py_ssize_t count)
{
    size_t before = written(writer);
    for (Py_ssize_t i = count; i-- > 0;) {
        int failed;
        if (field->wire == WIRE_BYTES) {
            failed = put_piece_value(writer, field, &pieces[i]) < 0
                         ? -1
                         : put_bytes(writer, field->tag, field->tag_length);
        }
        else if ((pieces[i].tag & 7) == WIRE_BYTES) {
            failed = put_packed_items(writer, field, pieces[i].content);
        }
        else {
            failed = put_number_item(writer, field, pieces[i].bits);
        }
        if (failed < 0) {
            return -1;
        }
    }
    if (!field->packed || written(writer) == before) {
        return 0;
    }
    return put_length(writer, before) < 0 ? -1 : put_bytes(writer, field->tag, field->tag_length);
}

/* ---- Messages ---- */

static int
put_message(Writer *writer, Field *field, Cursor content, int depth)
{
    size_t before = written(writer);
    Plan *plan = sub_plan(field);
    if (plan == NULL || write_canonical(writer, plan, content, ALL_FIELDS, depth + 1) < 0) {
        return -1;
    }
    return put_length(writer, before);
}

static int
put_merged(Writer *writer, Field *field, const Piece *pieces, Py_ssize_t count, int depth)
{
    Cursor content = pieces[count - 1].content;
    PyObject *joined = NULL;
    if (count > 1) {
        Py_ssize_t size = 0;
        for (Py_ssize_t i = 0; i < count; i++) {
            size += pieces[i].content.end - pieces[i].content.at;
        }
        joined = PyBytes_FromStringAndSize(NULL, size);
        if (joined == NULL) {
            return -1;
        }
        char *to = PyBytes_AS_STRING(joined);
        for (Py_ssize_t i = 0; i < count; i++) {
            memcpy(to, pieces[i].content.at, (size_t)(pieces[i].content.end - pieces[i].content.at));
            to += pieces[i].content.end - pieces[i].content.at;
        }
        content = all_of(joined);
    }
    int failed = put_message(writer, field, content, depth) < 0 ? -1 : put_bytes(writer, field->tag, field->tag_length);
    Py_XDECREF(joined);
    return failed;
}

/* ---- Maps ---- */

typedef struct {
    Entry entry;
    Cursor span;
    Scalar key;
    Py_ssize_t turn;
} Item;

static int
compare_items(const void *one, const void *other)
{
    const Item *a = one, *b = other;
    int order = compare_keys(a->key, &a->entry.key, &b->entry.key);
    return order != 0 ? order : a->turn < b->turn ? -1 : 1;
}

static int
put_item_value(Writer *writer, Field *field, const Item *item, int depth)
{
    if (!is_message_kind(field)) {
        const Piece piece = {.bits = item->entry.bits, .content = item->entry.value};
        return put_piece_value(writer, field, &piece);
    }
    if (!item->entry.repeated_value) {
        return put_message(writer, field, item->entry.value, depth);
    }
    PyObject *joined = join_entry_values(item->span);
    int failed = joined == NULL ? -1 : put_message(writer, field, all_of(joined), depth);
    Py_XDECREF(joined);
    return failed;
}

static int
put_item(Writer *writer, Field *field, const Item *item, int depth)
{
    size_t before = written(writer);
    Field key = {.scalar = field->key, .wire = (uint8_t)wire_type_of((Scalar)field->key)};
    const Piece key_piece = {.bits = item->entry.key.bits, .content = item->entry.key.text};
    if (put_item_value(writer, field, item, depth) < 0 || put_varint(writer, (uint32_t)2 << 3 | field->wire) < 0
        || put_piece_value(writer, &key, &key_piece) < 0 || put_varint(writer, (uint32_t)1 << 3 | key.wire) < 0
        || put_length(writer, before) < 0) {
        return -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

static int
put_map(Writer *writer, Field *field, const Piece *pieces, Py_ssize_t count, int depth)
{
    Item *items = PyMem_Calloc((size_t)count, sizeof(Item));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int failed = 0;
    for (Py_ssize_t i = 0; failed == 0 && i < count; i++) {
        items[i].span = pieces[i].content;
        items[i].key = (Scalar)field->key;
        items[i].turn = i;
        if (!read_entry(field, pieces[i].content, &items[i].entry, MAX_DEPTH)) {
            malformed();
            failed = -1;
        }
    }
    if (failed == 0) {
        qsort(items, (size_t)count, sizeof(Item), compare_items);
    }
    for (Py_ssize_t i = count; failed == 0 && i-- > 0;) {
        /* Of entries with the same key the last one counts. */
        bool counts = i == count - 1
                      || compare_keys(items[i].key, &items[i].entry.key, &items[i + 1].entry.key) != 0;
        failed = counts ? put_item(writer, field, &items[i], depth) : 0;
    }
    PyMem_Free(items);
    return failed;
}

/* ---- All of it ---- */

/* Put all occurrences of one field. */
static int
put_field(Writer *writer, Field *field, const Piece *pieces, Py_ssize_t count, int depth)
{
    if (field->label == MAP) {
        return put_map(writer, field, pieces, count, depth);
    }
    if (field->label == ONE) {
        return is_message_kind(field) ? put_merged(writer, field, pieces, count, depth)
                                      : put_scalar(writer, field, &pieces[count - 1]);
    }
    if (!is_message_kind(field)) {
        return put_scalars(writer, field, pieces, count);
    }
    for (Py_ssize_t i = count; i-- > 0;) {
        if (put_merged(writer, field, &pieces[i], 1, depth) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
put_pieces(Writer *writer, Plan *plan, const Pieces *all, Py_ssize_t only, int depth)
{
    for (Py_ssize_t end = all->count; end > 0;) {
        const Piece *last = &all->pieces[end - 1];
        Py_ssize_t start = end - 1;
        while (start > 0 && all->pieces[start - 1].place == last->place && !all->pieces[start - 1].dead) {
            start--;
        }
        int failed = 0;
        if (last->unknown) {
            start = end - 1;
            bool wanted = only == UNKNOWN_FIELDS || (only == ALL_FIELDS && !writer->known);
            failed = wanted ? put_unknown(writer, last, depth) : 0;
        }
        else if (last->dead) {
            start = end - 1;
        }
        else if (only == ALL_FIELDS || only == last->place) {
            failed = put_field(writer, &plan->fields[last->place], &all->pieces[start], end - start, depth);
        }
        if (failed < 0) {
            return -1;
        }
        end = start;
    }
    return 0;
}

int
write_canonical(Writer *writer, Plan *plan, Cursor span, Py_ssize_t only, int depth)
{
    if (depth > MOST_LEVELS) {
        PyErr_SetString(PyExc_RecursionError, "a message is nested too deep");
        return -1;
    }
    Pieces all = {NULL, 0, 0};
    int failed = collect(&all, plan, span, writer->compared);
    for (int i = 0; failed == 0 && plan != NULL && i < plan->oneofs; i++) {
        bury_arms(&all, plan, i);
    }
    for (Py_ssize_t i = 1; failed == 0 && i < all.count; i++) {
        if (compare_pieces(&all.pieces[i - 1], &all.pieces[i]) > 0) {
            qsort(all.pieces, (size_t)all.count, sizeof(Piece), compare_pieces);
            break;
        }
    }
    if (failed == 0) {
        failed = put_pieces(writer, plan, &all, only, depth);
    }
    PyMem_Free(all.pieces);
    return failed;
}

PyObject *
canonical_bytes(Plan *plan, Cursor span, Py_ssize_t only)
{
    Writer writer;
    start_writer(&writer, true);
    writer.known = only == KNOWN_FIELDS;
    writer.compared = only == COMPARED_FIELDS;
    PyObject *bytes = NULL;
    if (write_canonical(&writer, plan, span, writer.known || writer.compared ? ALL_FIELDS : only, 0) == 0) {
        bytes = PyBytes_FromStringAndSize((const char *)writer.at, (Py_ssize_t)written(&writer));
    }
    finish_writer(&writer);
    return bytes;
}
