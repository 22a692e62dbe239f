/* Writing: a model from its slots, from the last byte to the first.
 *
 * Values may be anything that was put into a model, and writing them may run code of others: a datetime of a time zone,
 * a number of numpy, a model that writes itself. So every value is held while it is written, and lists are asked for
 * their size at each step. */

#include "core.h"

/* Models within models, and so the depth of the C stack. */
#define MOST_MODELS 3000

/* ---- Messages ---- */

/* Put the message in a span as it is, or as its canonical form if that is asked for; `*canonical` tells whether it has
 * that already, and is set if it is found out. The caller holds what the span is in. */
static int
put_span(Writer *writer, Plan *plan, Cursor span, bool *canonical)
{
    if (!*canonical && writer->deterministic) {
        /* Asking takes a quarter of the time of making. */
        int found = validate(plan, span);
        if (found < 0) {
            PyErr_Clear();
        }
        if (found <= 0) {
            return write_canonical(writer, plan, span, ALL_FIELDS, 0);
        }
        *canonical = true;
    }
    return put_bytes(writer, span.at, (size_t)(span.end - span.at));
}

/* Put what Python gave as the bytes of a message; takes the reference. */
static int
put_given(Writer *writer, Plan *plan, PyObject *bytes)
{
    int failed = -1;
    bool canonical = false;
    if (bytes == NULL) {
        return -1;
    }
    if (PyBytes_CheckExact(bytes)) {
        /* What it does not know, protobuf writes in the order in which it came. */
        failed = put_span(writer, plan, all_of(bytes), &canonical);
    }
    else if (bytes == Py_None) {
        failed = NOTHING;
    }
    else {
        PyErr_Format(PyExc_TypeError, "expected the bytes of a message, got a %.100s", Py_TYPE(bytes)->tp_name);
    }
    Py_DECREF(bytes);
    return failed;
}

bool
is_own_state(const State *state)
{
    return state->baseline == NULL ? !state->unread
                                   : state->unread ? PyBytes_CheckExact(state->baseline)
                                                   : Py_IS_TYPE(state->baseline, &ResidueType);
}

/* Whether a model was built, and nothing in it is set; -1 with an error. */
static int
is_nothing(const Plan *plan, State *state)
{
    if (state->unread || state->baseline != NULL) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        PyObject *value;
        if (get_held(state, &plan->fields[i], &value) < 0) {
            return -1;
        }
        bool is_set = value != NULL && value != Py_None;
        Py_XDECREF(value);
        if (is_set) {
            return 0;
        }
    }
    return 1;
}

static int
write_child(Writer *writer, Field *field, PyObject *value)
{
    Plan *plan = sub_plan(field);
    if (plan == NULL) {
        return -1;
    }
    bool own = Py_IS_TYPE(value, plan->cls) && is_own_state((State *)value);
    if (!own) {
        PyObject *given = call_hook(hooks.encode_foreign, (PyObject *)plan->cls, value);
        if (given != Py_True) {
            return put_given(writer, plan, given);
        }
        Py_DECREF(given);
        if (!PyObject_TypeCheck(value, plan->cls) || !is_own_state((State *)value)) {
            PyErr_Format(PyExc_TypeError, "expected a model of %U", plan->name);
            return -1;
        }
    }
    int nothing = plan->nothing ? is_nothing(plan, (State *)value) : 0;
    if (nothing != 0) {
        return nothing < 0 ? -1 : NOTHING;
    }
    return write_model(writer, plan, (State *)value);
}

/* Write one message without its tag and length; NOTHING if it is to be left out. */
static int
write_message(Writer *writer, Field *field, PyObject *value)
{
    Plan *plan;
    switch (field->kind) {
    case MODEL:
        return write_child(writer, field, value);
    case FLATTENED:
        plan = sub_plan(field);
        return plan == NULL ? -1 : write_map(writer, &plan->fields[0], value);
    case FOREIGN:
        plan = sub_plan(field);
        return plan == NULL ? -1 : put_given(writer, plan, PyObject_CallOneArg(field->write, value));
    default:
        return write_converted(writer, field, value);
    }
}

/* ---- Fields ---- */

/* Write one value with its length, if it has one, but without its tag; NOTHING if it is to be left out. */
int
write_value(Writer *writer, Field *field, PyObject *value)
{
    if (!is_message_kind(field)) {
        return write_scalar(writer, field, value);
    }
    size_t before = written(writer);
    int failed = write_message(writer, field, value);
    return failed != 0 ? failed : put_length(writer, before);
}

static int
write_item(Writer *writer, Field *field, PyObject *item)
{
    if (item == Py_None && field->none_as_empty && is_message_kind(field)) {
        return put_varint(writer, 0) < 0 ? -1 : put_bytes(writer, field->tag, field->tag_length);
    }
    int failed = write_value(writer, field, item);
    if (failed == NOTHING) {
        /* In a list it takes its place. */
        failed = put_varint(writer, 0);
    }
    return failed < 0 || field->packed ? failed : put_bytes(writer, field->tag, field->tag_length);
}

static int
changed_meanwhile(void)
{
    PyErr_SetString(PyExc_RuntimeError, "a value changed while it was written");
    return -1;
}

static int
write_items(Writer *writer, Field *field, PyObject *items)
{
    size_t before = written(writer);
    Py_ssize_t size = PySequence_Fast_GET_SIZE(items);
    for (Py_ssize_t i = size; i-- > 0;) {
        if (i >= PySequence_Fast_GET_SIZE(items)) {
            return changed_meanwhile();
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
        int failed = write_item(writer, field, item);
        Py_DECREF(item);
        if (failed < 0) {
            return -1;
        }
    }
    if (!field->packed || size == 0) {
        return 0;
    }
    return put_length(writer, before) < 0 ? -1 : put_bytes(writer, field->tag, field->tag_length);
}

/* The values of a list that may be another iterable, as a list or tuple; a new reference. */
static PyObject *
items_of(const Field *field, PyObject *value)
{
    PyObject *items = PyList_CheckExact(value) || PyTuple_CheckExact(value) ? Py_NewRef(value)
                                                                            : call_hook(hooks.items_of, value, NULL);
    if (items != NULL && field->order != NULL) {
        Py_SETREF(items, PyObject_CallOneArg(field->order, items));
    }
    if (items != NULL && !PyList_CheckExact(items) && !PyTuple_CheckExact(items)) {
        Py_SETREF(items, PySequence_List(items));
    }
    return items;
}

static int
write_list(Writer *writer, Field *field, PyObject *value)
{
    PyObject *items = items_of(field, value);
    int failed = items == NULL ? -1 : write_items(writer, field, items);
    Py_XDECREF(items);
    return failed;
}

PyObject *
dict_of(PyObject *value)
{
    PyObject *dict = PyDict_CheckExact(value) ? Py_NewRef(value) : call_hook(hooks.mapping_of, value, NULL);
    if (dict != NULL && !PyDict_CheckExact(dict)) {
        PyErr_Format(PyExc_TypeError, "expected a dict, got a %.100s", Py_TYPE(dict)->tp_name);
        Py_CLEAR(dict);
    }
    return dict;
}

static int
write_key_values(Writer *writer, Field *field, PyObject *value)
{
    PyObject *dict = sub_plan(field) == NULL ? NULL : dict_of(value);
    PyObject *pairs = dict == NULL ? NULL : PyDict_Items(dict);
    Py_XDECREF(dict);
    if (pairs == NULL) {
        return -1;
    }
    int failed = 0;
    for (Py_ssize_t i = PyList_GET_SIZE(pairs); failed == 0 && i-- > 0;) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        failed = write_key_value(writer, field, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
    }
    Py_DECREF(pairs);
    return failed;
}

/* ---- One field of a model ---- */

static int
write_single(Writer *writer, Field *field, PyObject *value)
{
    size_t before = written(writer);
    int failed;
    if (field->kind == SCALAR && !field->explicit) {
        if (field->wire == WIRE_BYTES) {
            failed = write_scalar(writer, field, value);
            if (failed == 0 && written(writer) == before + 1) {
                /* An empty one is its length only. */
                rewind_to(writer, before);
                return 0;
            }
        }
        else {
            uint64_t bits;
            failed = bits_of_number(field, value, &bits);
            if (failed == 0 && bits == 0) {
                return 0;
            }
            failed = failed < 0 ? -1 : put_number(writer, (Scalar)field->scalar, bits);
        }
    }
    else {
        failed = write_value(writer, field, value);
    }
    if (failed != 0) {
        return failed == NOTHING ? 0 : -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

int
write_field(Writer *writer, Field *field, PyObject *value)
{
    if (value == NULL || value == Py_None) {
        return 0;
    }
    if (field->label == MAP) {
        return write_map(writer, field, value);
    }
    if (field->kind == KEY_VALUES) {
        return write_key_values(writer, field, value);
    }
    if (field->label == LIST) {
        return write_list(writer, field, value);
    }
    size_t before = written(writer);
    if (write_single(writer, field, value) < 0) {
        return -1;
    }
    if (field->truthy) {
        int is_true = PyObject_IsTrue(value);
        if (is_true <= 0) {
            rewind_to(writer, before);
            return is_true;
        }
    }
    return 0;
}

int
write_beside(Writer *writer, Field *field, PyObject *value, PyObject *beside)
{
    if (beside == NULL || value == NULL || value == Py_None) {
        return write_field(writer, field, value);
    }
    size_t before = written(writer);
    Plan *plan = sub_plan(field);
    if (plan == NULL || put_bytes(writer, PyBytes_AS_STRING(beside), (size_t)PyBytes_GET_SIZE(beside)) < 0
        || write_map(writer, &plan->fields[0], value) < 0 || put_length(writer, before) < 0) {
        return -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

/* Whether an arm gives way to another one that is set. */
static int
gives_way(const Field *field, PyObject *value)
{
    return field->yields == WHERE_FALSE ? PyObject_Not(value) : field->yields == ALWAYS;
}

static const Note *
find_note(const Residue *residue, const Field *field)
{
    for (Py_ssize_t i = 0; residue != NULL && i < Py_SIZE(residue); i++) {
        if (residue->notes[i].number == field->number) {
            return &residue->notes[i];
        }
    }
    return NULL;
}

/* Put what was read in the place of what the value was written as since `before`, if that is what it was written as
 * when it was read. */
static int
put_note(Writer *writer, const Note *note, size_t before)
{
    size_t size = written(writer) - before;
    if (size != (size_t)PyBytes_GET_SIZE(note->plain)
        || memcmp(writer->at, PyBytes_AS_STRING(note->plain), size) != 0) {
        return 0;
    }
    rewind_to(writer, before);
    return put_bytes(writer, PyBytes_AS_STRING(note->raw), (size_t)PyBytes_GET_SIZE(note->raw));
}

/* Whether a list still holds just what it held. */
static bool
holds(PyObject *list, PyObject *items)
{
    if (!PyList_CheckExact(list) || PyList_GET_SIZE(list) != PyTuple_GET_SIZE(items)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        if (PyList_GET_ITEM(list, i) != PyTuple_GET_ITEM(items, i)) {
            return false;
        }
    }
    return true;
}

/* Write a field of a model that was read, with what its value does not say. */
static int
write_noted(Writer *writer, const Residue *residue, Field *field, PyObject *value)
{
    const Note *note = find_note(residue, field);
    if (note == NULL) {
        return write_field(writer, field, value);
    }
    if (note->items != NULL && value != NULL && holds(value, note->items)) {
        return write_items(writer, field, note->items);
    }
    size_t before = written(writer);
    bool deterministic = writer->deterministic;
    /* The note says what was written in a certain order. */
    writer->deterministic = true;
    int failed = write_beside(writer, field, value, note->beside);
    writer->deterministic = deterministic;
    return failed < 0 ? -1 : put_note(writer, note, before);
}

/* Whether an arm holds what it was read as where it was absent, and so is not set; -1 with an error. */
static int
is_as_absent(const Residue *residue, Field *field, PyObject *value)
{
    const Note *note = find_note(residue, field);
    if (note == NULL || PyBytes_GET_SIZE(note->raw) != 0) {
        return 0;
    }
    Writer scratch;
    start_writer(&scratch, true);
    int absent = write_noted(&scratch, residue, field, value) < 0 ? -1 : written(&scratch) == 0;
    finish_writer(&scratch);
    return absent;
}

/* Whether another arm of the oneof is set, and does not give way itself; -1 with an error. */
static int
has_rival(const Plan *plan, State *state, const Residue *residue, const Field *field)
{
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        Field *other = &plan->fields[i];
        PyObject *value = NULL;
        if (other->oneof != field->oneof || other == field) {
            continue;
        }
        if (get_held(state, other, &value) < 0) {
            return -1;
        }
        if (value == NULL || value == Py_None) {
            Py_XDECREF(value);
            continue;
        }
        int yields = gives_way(other, value);
        if (yields == 0) {
            yields = is_as_absent(residue, other, value);
        }
        Py_DECREF(value);
        if (yields <= 0) {
            return yields < 0 ? -1 : 1;
        }
    }
    return 0;
}

/* Write an arm of a oneof, unless it gives way to another one. */
static int
write_arm(Writer *writer, const Plan *plan, State *state, const Residue *residue, Field *field, PyObject *value)
{
    int rival = value == NULL || value == Py_None ? 0 : has_rival(plan, state, residue, field);
    if (rival > 0) {
        int yields = gives_way(field, value);
        if (yields == 0) {
            yields = is_as_absent(residue, field, value);
        }
        if (yields == 0) {
            PyErr_Format(PyExc_ValueError, "two arms of a oneof of %U are set", plan->name);
            return -1;
        }
        return yields < 0 ? -1 : 0;
    }
    return rival < 0 ? -1 : write_noted(writer, residue, field, value);
}

static int
write_members(Writer *writer, Plan *plan, State *state, const Residue *residue)
{
    if (residue != NULL && residue->unknown != NULL
        && put_bytes(writer, PyBytes_AS_STRING(residue->unknown), (size_t)PyBytes_GET_SIZE(residue->unknown)) < 0) {
        return -1;
    }
    for (Py_ssize_t i = plan->count; i-- > 0;) {
        Field *field = &plan->fields[i];
        PyObject *value;
        if (get_held(state, field, &value) < 0) {
            return -1;
        }
        if (value == NULL && Py_IS_TYPE(state, plan->cls)) {
            /* Subclasses need not call the constructor. */
            PyErr_Format(PyExc_TypeError, "a member of %U has no value", plan->name);
            return -1;
        }
        if ((value == NULL || value == Py_None) && residue == NULL) {
            Py_XDECREF(value);
            continue;
        }
        const Note *note = writer->as_read && writer->depth == 1 ? find_note(residue, field) : NULL;
        int failed = note != NULL ? put_bytes(writer, PyBytes_AS_STRING(note->raw), (size_t)PyBytes_GET_SIZE(note->raw))
                     : field->oneof >= 0 ? write_arm(writer, plan, state, residue, field, value)
                                         : write_noted(writer, residue, field, value);
        Py_XDECREF(value);
        if (failed < 0) {
            return -1;
        }
    }
    return 0;
}

int
write_model(Writer *writer, Plan *plan, State *state)
{
    if (is_span(state)) {
        PyObject *buffer = Py_NewRef(state->baseline);
        bool canonical = state->canonical;
        int failed = put_span(writer, plan, span_of(state), &canonical);
        if (is_span(state) && state->baseline == buffer) {
            state->canonical = canonical;
        }
        Py_DECREF(buffer);
        return failed;
    }
    if (writer->depth >= MOST_MODELS) {
        PyErr_SetString(PyExc_RecursionError, "models are nested too deep to be written");
        return -1;
    }
    if (Py_EnterRecursiveCall(" while writing a model")) {
        return -1;
    }
    PyObject *baseline = state->baseline;
    Residue *residue = baseline != NULL && Py_IS_TYPE(baseline, &ResidueType) ? (Residue *)Py_NewRef(baseline) : NULL;
    writer->depth++;
    int failed = write_members(writer, plan, state, residue);
    writer->depth--;
    Py_XDECREF(residue);
    Py_LeaveRecursiveCall();
    return failed;
}

PyObject *
encode(PyObject *model, bool deterministic, bool as_read)
{
    if (!PyObject_TypeCheck(model, &StateType)) {
        return PyErr_Format(PyExc_TypeError, "expected a model, got a %.100s", Py_TYPE(model)->tp_name);
    }
    Plan *plan = plan_of(Py_TYPE(model));
    if (plan == NULL) {
        return NULL;
    }
    if (plan->cls == NULL || !PyObject_TypeCheck(model, plan->cls) || !is_own_state((State *)model)) {
        return PyErr_Format(PyExc_TypeError, "the core does not write this %.100s", Py_TYPE(model)->tp_name);
    }
    Writer writer;
    start_writer(&writer, deterministic);
    writer.as_read = as_read;
    PyObject *bytes = NULL;
    if (write_model(&writer, plan, (State *)model) == 0) {
        if (written(&writer) > MAX_LENGTH) {
            PyErr_SetString(PyExc_ValueError, "a message of more than 2 GiB");
        }
        else {
            bytes = PyBytes_FromStringAndSize((const char *)writer.at, (Py_ssize_t)written(&writer));
        }
    }
    finish_writer(&writer);
    return bytes;
}
