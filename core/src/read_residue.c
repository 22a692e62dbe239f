/* What the values of a level do not say. */

#include "level.h"

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
int
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
