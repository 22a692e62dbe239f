/* What constructors call on what they are given: here, since a call of Python is a fifth of a small constructor. They
 * do what is common; everything else is left to the function in Python that they stand for. */

#include "core.h"

static PyObject *
as_list(PyObject *in_python, PyObject *values)
{
    if (PyList_CheckExact(values) || PyTuple_CheckExact(values) || values == Py_None) {
        return Py_NewRef(values);
    }
    return PyObject_CallOneArg(in_python, values);
}

static PyObject *
as_member(PyObject *known, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "as_member takes a holder and a value");
    }
    if (!PyLong_CheckExact(args[1])) {
        return Py_NewRef(args[1]);
    }
    PyObject *members = PyDict_GetItemWithError(PyTuple_GET_ITEM(known, 0), args[0]);
    PyObject *member = members == NULL ? NULL : PyDict_GetItemWithError(members, args[1]);
    if (member != NULL) {
        return Py_NewRef(member);
    }
    return PyErr_Occurred() ? NULL : PyObject_Vectorcall(PyTuple_GET_ITEM(known, 1), args, 2, NULL);
}

static PyMethodDef as_list_function = {"as_list", as_list, METH_O, "What is given for a list."};
static PyMethodDef as_member_function = {
    "as_member", (PyCFunction)(void (*)(void))as_member, METH_FASTCALL, "What is given for an enum value of a holder."};

PyObject *
make_as_list(PyObject *Py_UNUSED(module), PyObject *in_python)
{
    return PyCFunction_New(&as_list_function, in_python);
}

PyObject *
make_as_member(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *members, *in_python;
    if (!PyArg_ParseTuple(args, "O!O", &PyDict_Type, &members, &in_python)) {
        return NULL;
    }
    /* The arguments are what it needs. */
    return PyCFunction_New(&as_member_function, args);
}
