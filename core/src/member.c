/* The property of a member: a property whose getter is not called where the core knows what it gives. Where the slot
 * is unset the getter is called after all, and says what there is to say. */

#include "core.h"
#include "slot.h"

/* Behind the fields of `property`, which are its own business. */
typedef struct {
    PyObject *doc;           /* `property` sets it on instances of its subclasses */
    Slot slot;
} Member;

static Py_ssize_t own_offset;

static inline Member *
own(PyObject *self)
{
    return (Member *)((char *)self + own_offset);
}

static PyObject *
get(PyObject *self, PyObject *model, PyObject *cls)
{
    if (model == NULL || model == Py_None) {
        Py_INCREF(self);
        return self;
    }
    PyObject **value = value_in(&own(self)->slot, model);
    if (value == NULL) {
        return NULL;
    }
    return *value == NULL ? PyProperty_Type.tp_descr_get(self, model, cls) : Py_NewRef(*value);
}

static int
init(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"fget", "fset", "doc", "slot", NULL};
    PyObject *fget, *fset, *doc, *slot;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOU", names, &fget, &fset, &doc, &slot)) {
        return -1;
    }
    PyObject *four = PyTuple_Pack(4, fget, fset, Py_None, doc);
    int failed = four == NULL ? -1 : PyProperty_Type.tp_init(self, four, NULL);
    Py_XDECREF(four);
    if (failed < 0) {
        return -1;
    }
    Member *member = own(self);
    if (doc != Py_None) {
        Py_INCREF(doc);
        Py_XSETREF(member->doc, doc);
    }
    name_slot(&member->slot, slot);
    return 0;
}

/* Python calls it when the class is made, which has its slots by then. */
static PyObject *
set_name(PyObject *self, PyObject *args)
{
    PyObject *cls, *name;
    if (!PyArg_ParseTuple(args, "O!U", &PyType_Type, &cls, &name)) {
        return NULL;
    }
    if (find_slot(&own(self)->slot, (PyTypeObject *)cls) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* A plain property with one function changed: what such a function does, only Python knows. */
static PyObject *
changed(PyObject *self, const char *name, PyObject *function)
{
    static const char *const names[] = {"fget", "fset", "fdel"};
    PyObject *functions[3];
    for (int i = 0; i < 3; i++) {
        functions[i] = strcmp(name, names[i]) == 0 ? Py_NewRef(function) : PyObject_GetAttrString(self, names[i]);
    }
    PyObject *doc = PyObject_GetAttrString(self, "__doc__");
    PyObject *made = NULL;
    if (functions[0] != NULL && functions[1] != NULL && functions[2] != NULL && doc != NULL) {
        PyObject *property = (PyObject *)&PyProperty_Type;
        made = PyObject_CallFunctionObjArgs(property, functions[0], functions[1], functions[2], doc, NULL);
    }
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(functions[i]);
    }
    Py_XDECREF(doc);
    return made;
}

static PyObject *
with_getter(PyObject *self, PyObject *function)
{
    return changed(self, "fget", function);
}

static PyObject *
with_setter(PyObject *self, PyObject *function)
{
    return changed(self, "fset", function);
}

static PyObject *
with_deleter(PyObject *self, PyObject *function)
{
    return changed(self, "fdel", function);
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(own(self)->doc);
    Py_VISIT(own(self)->slot.name);
    Py_VISIT(own(self)->slot.descriptor);
    Py_VISIT(Py_TYPE(self));
    return PyProperty_Type.tp_traverse(self, visit, arg);
}

static void
dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(own(self)->doc);
    clear_slot(&own(self)->slot);
    /* The base untracks it again. */
    PyObject_GC_Track(self);
    PyProperty_Type.tp_dealloc(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__set_name__", set_name, METH_VARARGS, "Find the slot in the class that was made."},
    {"getter", with_getter, METH_O, "A property with another getter."},
    {"setter", with_setter, METH_O, "A property with another setter."},
    {"deleter", with_deleter, METH_O, "A property with another deleter."},
    {NULL},
};

PyObject *member_type;

int
init_members(void)
{
    if (member_type != NULL) {
        return 0;
    }
    own_offset = PyProperty_Type.tp_basicsize;
    PyMemberDef members[] = {
        {"__doc__", T_OBJECT, own_offset + (Py_ssize_t)offsetof(Member, doc), 0, NULL},
        {NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_descr_get, get},
        {Py_tp_init, init},
        {Py_tp_traverse, traverse},
        {Py_tp_dealloc, dealloc},
        {Py_tp_methods, methods},
        {Py_tp_members, members},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "flytekit_models_core.Member",
        .basicsize = (int)(own_offset + (Py_ssize_t)sizeof(Member)),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    PyObject *bases = PyTuple_Pack(1, &PyProperty_Type);
    member_type = bases == NULL ? NULL : PyType_FromSpecWithBases(&spec, bases);
    Py_XDECREF(bases);
    return member_type == NULL ? -1 : 0;
}
