/* The `__getattr__` of a module of which a part is loaded on demand. Each import inside a function asks a module for its
 * `__path__`, in vain; a function in Python would take longer to say so than a small constructor takes. */

#include "core.h"

static PyObject *
get_attribute_on_demand(PyObject *in_python, PyObject *name)
{
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "__path__") == 0) {
        PyErr_SetObject(PyExc_AttributeError, name);
        return NULL;
    }
    return PyObject_CallOneArg(in_python, name);
}

static PyMethodDef function = {"__getattr__", get_attribute_on_demand, METH_O, "Load what the module lacks."};

PyObject *
make_on_demand(PyObject *Py_UNUSED(module), PyObject *in_python)
{
    return PyCFunction_New(&function, in_python);
}
