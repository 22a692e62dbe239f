/* A buffer that is written from its end: where it grows. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "writer.h"

void
start_writer(Writer *writer, bool deterministic)
{
    writer->block = writer->first;
    writer->at = writer->end = writer->first + FIRST_BLOCK;
    writer->deterministic = deterministic;
    writer->known = false;
    writer->compared = false;
    writer->as_read = false;
    writer->depth = 0;
}

void
finish_writer(Writer *writer)
{
    if (writer->block != writer->first) {
        PyMem_Free(writer->block);
    }
}

int
grow(Writer *writer, size_t size)
{
    size_t used = written(writer);
    size_t capacity = (size_t)(writer->end - writer->block);
    if (size > (size_t)PY_SSIZE_T_MAX / 4 - used) {
        PyErr_NoMemory();
        return -1;
    }
    while (capacity - used < size) {
        capacity *= 2;
    }
    uint8_t *block = PyMem_Malloc(capacity);
    if (block == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(block + capacity - used, writer->at, used);
    finish_writer(writer);
    writer->block = block;
    writer->end = block + capacity;
    writer->at = writer->end - used;
    return 0;
}
