/* One level of a message that is being read: what the files that read share. */

#ifndef CORE_LEVEL_H
#define CORE_LEVEL_H

#include "core.h"

/* What was found of a field so far. */
typedef struct {
    PyObject *value;         /* of numbers, strings, lists and maps: what was read */
    PyObject *joined;        /* of a message that came several times: all of it */
    Cursor span;             /* of a message: where it stands */
    const uint8_t *since;    /* where the first occurrence of it stands that counts */
    bool present;
    bool repeated;           /* a message came several times */
    bool lossy;              /* the value does not say all that was read */
} Found;

/* A piece of the buffer, copied, that small parts share. */
typedef struct {
    PyObject *bytes;
    Cursor of;               /* where its bytes were copied from */
} Shared;

typedef struct {
    Plan *plan;
    PyObject *buffer;        /* the bytes that `span` is in */
    Shared *shared;          /* the last piece that small parts share */
    Cursor span;
    bool canonical;
    bool unknown;            /* there are unknown fields */
    Py_ssize_t lossy;        /* how many of the fields have values that do not say all */
    Found *found;            /* of each field */
    int16_t *arms;           /* of each oneof the place of the arm that is set, or -1 */
} Level;

/* The value of one message, of any kind; `lossy` is set if it does not say all (read_value.c). */
PyObject *read_message(Level *level, Field *field, Cursor span, bool *lossy);
/* The value of a message that came in several parts, which were joined. */
PyObject *read_joined(const Level *level, Field *field, PyObject *joined, bool *lossy);
/* Add an entry of a map to the dict `into`; `unknown` is set instead if it holds an unknown field. */
int read_entry_into(Level *level, Field *field, Cursor span, PyObject *into, bool *lossy, bool *unknown);

/* Find the values of all fields (read_level.c). */
int read_level(Level *level);
/* The residue of the level in `*residue`, NULL if its values say all (read_residue.c). */
int find_residue(Level *level, Residue **residue);
/* A model of a part of the buffer that is read at once (read.c). */
PyObject *read_eagerly(const Level *level, Plan *plan, Cursor span, bool canonical);

#endif
