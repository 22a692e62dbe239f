/* The attribute `_x` of a model: the value of the member `x`, for code that reads or assigns private attributes. There
 * is one for each member of each class, so it is one small object, without functions of its own. */

#include "core.h"
#include "slot.h"

typedef struct {
    PyObject_HEAD
    Slot slot;
    PyObject *name;          /* of the attribute */
    PyObject *missing;       /* called where the value is unset or None, with the two names and the model */
} Private;

static PyObject *
get(PyObject *self, PyObject *model, PyObject *Py_UNUSED(cls))
{
    if (model == NULL || model == Py_None) {
        return Py_NewRef(self);
    }
    const Private *private = (Private *)self;
    PyObject **value = value_in(&private->slot, model);
    if (value == NULL) {
        return NULL;
    }
    if (*value != NULL && *value != Py_None) {
        return Py_NewRef(*value);
    }
    return PyObject_CallFunctionObjArgs(private->missing, private->name, private->slot.name, model, NULL);
}

static int
set(PyObject *self, PyObject *model, PyObject *value)
{
    const Private *private = (Private *)self;
    PyObject **place = value_in(&private->slot, model);
    if (place == NULL) {
        return -1;
    }
    if (value == NULL) {
        PyErr_Format(PyExc_AttributeError, "attribute %R of '%.100s' object cannot be deleted", private->name,
                     Py_TYPE(model)->tp_name);
        return -1;
    }
    PyObject *old = *place;
    *place = Py_NewRef(value);
    ((State *)model)->start = 0;
    Py_XDECREF(old);
    return 0;
}

static int
init(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"name", "slot", "missing", NULL};
    PyObject *name, *slot, *missing;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "UUO", names, &name, &slot, &missing)) {
        return -1;
    }
    Private *private = (Private *)self;
    name_slot(&private->slot, slot);
    Py_INCREF(name);
    Py_XSETREF(private->name, name);
    Py_INCREF(missing);
    Py_XSETREF(private->missing, missing);
    return 0;
}

/* Python calls it when the class is made, which has its slots by then. */
static PyObject *
set_name(PyObject *self, PyObject *args)
{
    PyObject *cls, *name;
    if (!PyArg_ParseTuple(args, "O!U", &PyType_Type, &cls, &name)
        || find_slot(&((Private *)self)->slot, (PyTypeObject *)cls) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
    Private *private = (Private *)self;
    Py_VISIT(private->slot.descriptor);
    Py_VISIT(private->missing);
    return 0;
}

static int
clear(PyObject *self)
{
    Private *private = (Private *)self;
    clear_slot(&private->slot);
    Py_CLEAR(private->name);
    Py_CLEAR(private->missing);
    return 0;
}

static void
dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef methods[] = {
    {"__set_name__", set_name, METH_VARARGS, "Find the slot in the class that was made."},
    {NULL},
};

PyTypeObject PrivateType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "flytekit_models_core.Private",
    .tp_doc = "The value of a member, for code that reads or assigns private attributes.",
    .tp_basicsize = sizeof(Private),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_init = init,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_descr_get = get,
    .tp_descr_set = set,
    .tp_methods = methods,
};
