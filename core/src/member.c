/* The property of a member: a property whose getter and setter are not called, since the core knows what they do. */

#include "core.h"

/* Behind the fields of `property`, which are its own business. */
typedef struct {
    PyObject *doc;           /* `property` sets it on instances of its subclasses */
    PyObject *slot;          /* descriptor of the slot */
    Py_ssize_t offset;       /* of the slot in a model */
    char settable;
    char strict;             /* an unset slot is an AttributeError, not None */
} Member;

static Py_ssize_t own_offset;

static inline Member *
own(PyObject *self)
{
    return (Member *)((char *)self + own_offset);
}

static PyObject *
get(PyObject *self, PyObject *model, PyObject *Py_UNUSED(cls))
{
    if (model == NULL || model == Py_None) {
        Py_INCREF(self);
        return self;
    }
    const Member *member = own(self);
    if (member->slot == NULL || !PyObject_TypeCheck(model, PyDescr_TYPE(member->slot))) {
        return PyErr_Format(PyExc_TypeError, "a member of another class was asked for on a %.100s",
                            Py_TYPE(model)->tp_name);
    }
    if (is_span((State *)model) && load((State *)model) < 0) {
        return NULL;
    }
    PyObject *value = *(PyObject **)((char *)model + member->offset);
    if (value != NULL) {
        Py_INCREF(value);
        return value;
    }
    if (!member->strict) {
        Py_RETURN_NONE;
    }
    PyObject *name = PyDescr_NAME(member->slot);
    return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", Py_TYPE(model)->tp_name, name);
}

static int
set(PyObject *self, PyObject *model, PyObject *value)
{
    const Member *member = own(self);
    if (member->slot == NULL || !PyObject_TypeCheck(model, PyDescr_TYPE(member->slot))) {
        PyErr_Format(PyExc_TypeError, "a member of another class was set on a %.100s", Py_TYPE(model)->tp_name);
        return -1;
    }
    if (!member->settable || value == NULL) {
        /* The error is that of a property. */
        return PyProperty_Type.tp_descr_set(self, model, value);
    }
    if (is_span((State *)model) && load((State *)model) < 0) {
        return -1;
    }
    PyObject **slot = (PyObject **)((char *)model + member->offset);
    PyObject *old = *slot;
    Py_INCREF(value);
    *slot = value;
    Py_XDECREF(old);
    return 0;
}

static int
init(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"fget", "fset", "doc", "slot", "strict", NULL};
    PyObject *fget, *fset, *doc, *slot;
    int strict = 0;
    if (!PyArg_ParseTupleAndKeywords(
            args, keywords, "OOOO!|p", names, &fget, &fset, &doc, &PyMemberDescr_Type, &slot, &strict)) {
        return -1;
    }
    if (!PyType_IsSubtype(PyDescr_TYPE(slot), &StateType)) {
        PyErr_Format(PyExc_TypeError, "%R is no slot of a model", slot);
        return -1;
    }
    PyObject *four = PyTuple_Pack(4, fget, fset, Py_None, doc);
    int failed = four == NULL ? -1 : PyProperty_Type.tp_init(self, four, NULL);
    Py_XDECREF(four);
    if (failed < 0) {
        return -1;
    }
    Member *member = own(self);
    Py_INCREF(slot);
    Py_XSETREF(member->slot, slot);
    member->offset = ((PyMemberDescrObject *)slot)->d_member->offset;
    member->settable = fset != Py_None;
    member->strict = (char)strict;
    return 0;
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
    Py_VISIT(own(self)->slot);
    Py_VISIT(Py_TYPE(self));
    return PyProperty_Type.tp_traverse(self, visit, arg);
}

static void
dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(own(self)->doc);
    Py_CLEAR(own(self)->slot);
    /* The base untracks it again. */
    PyObject_GC_Track(self);
    PyProperty_Type.tp_dealloc(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
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
        {Py_tp_descr_set, set},
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
