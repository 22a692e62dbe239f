/* Attributes of enum holders. Before Python 3.12, the metaclass of enums has a `__getattr__`, so Python asks for each
 * attribute of a class in a roundabout way, also for values, which are found without it. */

#include "core.h"

static getattrofunc roundabout;

static PyObject *
get_holder_attribute(PyObject *holder, PyObject *name)
{
    PyObject *found = PyType_Type.tp_getattro(holder, name);
    if (found != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return found;
    }
    PyErr_Clear();
    return roundabout(holder, name);
}

PyObject *
look_up_directly(PyObject *Py_UNUSED(module), PyObject *metaclass)
{
    if (!PyType_Check(metaclass) || !PyType_IsSubtype((PyTypeObject *)metaclass, &PyType_Type)) {
        return PyErr_Format(PyExc_TypeError, "expected a metaclass, got %R", metaclass);
    }
    PyTypeObject *type = (PyTypeObject *)metaclass;
    PyObject *name = PyUnicode_InternFromString("__getattribute__");
    if (name == NULL) {
        return NULL;
    }
    bool is_usual = _PyType_Lookup(type, name) == _PyType_Lookup(&PyType_Type, name);
    Py_DECREF(name);
    if (is_usual && type->tp_getattro != PyType_Type.tp_getattro && type->tp_getattro != get_holder_attribute) {
        roundabout = type->tp_getattro;
        type->tp_getattro = get_holder_attribute;
    }
    Py_RETURN_NONE;
}
