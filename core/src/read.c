/* Reading: the members of one model from its span.
 *
 * A level is read whole, into values that nobody else sees, and then published at once. Reading may run Python code of
 * others (the collector does, and so do foreign readers), and another thread may read the same model meanwhile: then
 * what came second is thrown away. Nothing that was assigned is ever overwritten. */

#include "level.h"

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
    const Plan *plan = level->plan;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Field *field = plan->declared[i];
        if (PyObject_SetAttr((PyObject *)state, field->attribute, level->found[field - plan->fields].value) < 0) {
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
    if (read_level(level) < 0 || find_residue(level, &residue) < 0) {
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
PyObject *
read_eagerly(const Level *level, Plan *plan, Cursor span, bool canonical)
{
    State *state = new_model(plan->cls);
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
