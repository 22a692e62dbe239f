/* The part of a model that the core keeps: what it was read from. */

#include "core.h"

State *
new_model(PyTypeObject *cls)
{
    if (cls->tp_flags & Py_TPFLAGS_IS_ABSTRACT) {
        /* It says which methods are missing. */
        PyObject *none = PyTuple_New(0);
        PyObject *refused = none == NULL ? NULL : PyBaseObject_Type.tp_new(cls, none, NULL);
        Py_XDECREF(none);
        return (State *)refused;
    }
    return (State *)cls->tp_alloc(cls, 0);
}

PyObject *
new_unread(Plan *plan, PyObject *buffer, Cursor span, bool canonical)
{
    State *state = new_model(plan->cls);
    if (state == NULL) {
        Py_DECREF(buffer);
        return NULL;
    }
    state->baseline = buffer;
    state->start = (uint32_t)(span.at - (const uint8_t *)PyBytes_AS_STRING(buffer));
    state->length = (uint32_t)(span.end - span.at);
    state->unread = 1;
    state->canonical = canonical;
    return (PyObject *)state;
}

int
get_attribute(State *state, const Field *field, PyObject **value)
{
    *value = PyObject_GetAttr((PyObject *)state, field->attribute);
    if (*value != NULL) {
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

/* Whatever arguments the constructor takes are its own affair. */
static PyObject *
state_new(PyTypeObject *cls, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(keywords))
{
    return (PyObject *)new_model(cls);
}

/* ---- What Python sees of it ---- */

/* Beside true, the pure path tells False, nothing was assigned since the members were read, from None, something may
 * have been. While there is no span, its start says that. */
enum { ASSIGNED = 0, NOT_ASSIGNED = 1 };

static PyObject *
get_unread(State *state, void *Py_UNUSED(closure))
{
    return Py_NewRef(state->unread ? Py_True : state->start == NOT_ASSIGNED ? Py_False : Py_None);
}

static int
set_unread(State *state, PyObject *value, void *Py_UNUSED(closure))
{
    int unread = value == NULL ? 0 : PyObject_IsTrue(value);
    if (unread < 0) {
        return -1;
    }
    state->unread = unread != 0;
    state->start = value == Py_False ? NOT_ASSIGNED : ASSIGNED;
    return 0;
}

static PyObject *
get_baseline(State *state, void *Py_UNUSED(closure))
{
    if (state->baseline == NULL) {
        Py_RETURN_NONE;
    }
    if (is_span(state) && state->length != (size_t)PyBytes_GET_SIZE(state->baseline)) {
        return PyBytes_FromStringAndSize((const char *)span_of(state).at, (Py_ssize_t)state->length);
    }
    Py_INCREF(state->baseline);
    return state->baseline;
}

static int
set_baseline(State *state, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) {
        value = NULL;
    }
    bool is_bytes = value != NULL && PyBytes_CheckExact(value);
    if (is_bytes && PyBytes_GET_SIZE(value) > MAX_LENGTH) {
        PyErr_SetString(PyExc_ValueError, "a message of more than 2 GiB");
        return -1;
    }
    PyObject *old = state->baseline;
    Py_XINCREF(value);
    state->baseline = value;
    state->start = 0;
    state->length = is_bytes ? (uint32_t)PyBytes_GET_SIZE(value) : 0;
    state->canonical = 0;
    Py_XDECREF(old);
    return 0;
}

static int
state_traverse(State *state, visitproc visit, void *arg)
{
    Py_VISIT(state->baseline);
    return 0;
}

static int
state_clear(State *state)
{
    state->unread = 0;
    Py_CLEAR(state->baseline);
    return 0;
}

static void
state_dealloc(State *state)
{
    PyObject_GC_UnTrack(state);
    Py_CLEAR(state->baseline);
    Py_TYPE(state)->tp_free(state);
}

static PyGetSetDef state_attributes[] = {
    {"_fm_unread", (getter)get_unread, (setter)set_unread, "Whether no member was read from the baseline yet.", NULL},
    {"_fm_baseline", (getter)get_baseline, (setter)set_baseline,
     "What the model was read from: bytes, a message, or what its values do not say; None if it was built.", NULL},
    {NULL},
};

PyTypeObject StateType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "flytekit_models_core.State",
    .tp_doc = "The base of models: what they were read from.",
    .tp_basicsize = sizeof(State),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = state_new,
    .tp_traverse = (traverseproc)state_traverse,
    .tp_clear = (inquiry)state_clear,
    .tp_dealloc = (destructor)state_dealloc,
    .tp_getset = state_attributes,
};

int
init_states(void)
{
    return PyType_Ready(&StateType);
}
