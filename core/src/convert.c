/* Well-known messages and the Python values that stand for them.
 *
 * Reading never fails for what the message says: what Python cannot hold (a timestamp after the year 9999) is given as
 * protobuf's own message. Writing takes such a message as well. */

#include "core.h"
#include <datetime.h>

#define SECONDS_PER_DAY 86400
#define MICROS_PER_SECOND 1000000
/* The first and the last second that a datetime holds, and the longest timedelta, in days. */
#define FIRST_SECOND INT64_C(-62135596800)
#define LAST_SECOND INT64_C(253402300799)
#define MOST_DAYS INT64_C(999999999)

/* ---- Timestamp and Duration: seconds and nanoseconds ---- */

typedef struct {
    int64_t seconds;
    int32_t nanos;
} Time;

static int
read_time(Cursor span, Time *time, bool *lossy)
{
    *time = (Time){0, 0};
    while (span.at < span.end) {
        uint32_t tag;
        uint64_t bits;
        if (!read_varint32(&span, &tag)) {
            return -1;
        }
        if (tag == (1 << 3 | WIRE_VARINT) || tag == (2 << 3 | WIRE_VARINT)) {
            if (!read_varint(&span, &bits)) {
                return -1;
            }
            if (tag >> 3 == 1) {
                time->seconds = (int64_t)bits;
            }
            else {
                time->nanos = (int32_t)(uint32_t)bits;
            }
        }
        else {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                return -1;
            }
        }
    }
    return 0;
}

static int
write_time(Writer *writer, Time time)
{
    if (time.nanos != 0 && (put_varint(writer, (uint64_t)(int64_t)time.nanos) < 0 || put_varint(writer, 2 << 3) < 0)) {
        return -1;
    }
    if (time.seconds != 0 && (put_varint(writer, (uint64_t)time.seconds) < 0 || put_varint(writer, 1 << 3) < 0)) {
        return -1;
    }
    return 0;
}

/* Days since 1970-01-01 of a day of the Gregorian calendar, and back. Years are counted from March, so that the day
 * that leap years add is their last. */
static int64_t
days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
day_of(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

/* The quotient, rounded down; what is left of `*value` is its rest. */
static int64_t
divide_down(int64_t *value, int64_t by)
{
    int64_t quotient = *value / by;
    if (*value % by < 0) {
        quotient--;
    }
    *value -= quotient * by;
    return quotient;
}

static PyObject *
read_as_message(const Plan *plan, Cursor span)
{
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)span.at, span.end - span.at);
    PyObject *message = bytes == NULL ? NULL : call_hook(hooks.decode_message, plan->name, bytes);
    Py_XDECREF(bytes);
    return message;
}

static PyObject *
read_datetime(Cursor span, bool naive, bool *lossy)
{
    Time time;
    if (read_time(span, &time, lossy) < 0) {
        return malformed();
    }
    if (time.nanos < 0 || time.nanos > 999999999 || time.nanos % 1000 != 0) {
        *lossy = true;
    }
    int64_t micros = time.nanos, rest = time.seconds;
    micros = divide_down(&micros, 1000);
    if (rest > FIRST_SECOND - 10 && rest < LAST_SECOND + 10) {
        rest += divide_down(&micros, MICROS_PER_SECOND);
    }
    if (rest < FIRST_SECOND || rest > LAST_SECOND) {
        return read_as_message(timestamp_plan, span);
    }
    int year, month, day;
    day_of(divide_down(&rest, SECONDS_PER_DAY), &year, &month, &day);
    return PyDateTimeAPI->DateTime_FromDateAndTime(
        year, month, day, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60), (int)micros,
        naive ? Py_None : PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

static PyObject *
read_timedelta(Cursor span, bool *lossy)
{
    Time time;
    if (read_time(span, &time, lossy) < 0) {
        return malformed();
    }
    if (time.nanos % 1000 != 0 || time.nanos > 999999999 || time.nanos < -999999999
        || (time.nanos != 0 && time.seconds != 0 && (time.nanos < 0) != (time.seconds < 0))) {
        *lossy = true;
    }
    int64_t micros = time.nanos / 1000, seconds = time.seconds;
    int64_t days = divide_down(&seconds, SECONDS_PER_DAY);
    seconds += divide_down(&micros, MICROS_PER_SECOND);
    days += divide_down(&seconds, SECONDS_PER_DAY);
    if (days > MOST_DAYS || days < -MOST_DAYS) {
        return read_as_message(duration_plan, span);
    }
    return PyDelta_FromDSU((int)days, (int)seconds, (int)micros);
}

/* ---- Struct, ListValue and Value: JSON ---- */

static PyObject *read_struct(Cursor span, bool *lossy);
static PyObject *read_list(Cursor span, bool *lossy);

/* A message of one field that occurs several times is the sum of these: they are read as one. */
static PyObject *
read_joined(Cursor span, uint32_t number, bool *lossy)
{
    PyObject *joined = join_occurrences(span, number);
    if (joined == NULL) {
        return NULL;
    }
    Cursor whole = all_of(joined);
    PyObject *value = number == 5 ? read_struct(whole, lossy) : read_list(whole, lossy);
    Py_DECREF(joined);
    return value;
}

static PyObject *
read_json(Cursor span, bool *lossy)
{
    uint32_t tag, kind = 0;
    uint64_t bits = 0;
    bool repeated = false, other = false;
    Cursor field = {NULL, NULL}, all = span;
    while (span.at < span.end) {
        if (!read_varint32(&span, &tag)) {
            return malformed();
        }
        switch (tag) {
        case 1 << 3 | WIRE_VARINT: case 4 << 3 | WIRE_VARINT: case 2 << 3 | WIRE_64:
            if (!read_number(&span, (int)(tag & 7), &bits)) {
                return malformed();
            }
            break;
        case 3 << 3 | WIRE_BYTES: case 5 << 3 | WIRE_BYTES: case 6 << 3 | WIRE_BYTES:
            if (!read_delimited(&span, &field)) {
                return malformed();
            }
            break;
        default:
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                return malformed();
            }
            continue;
        }
        other = other || (kind != 0 && kind != tag >> 3);
        repeated = repeated || kind == tag >> 3;
        kind = tag >> 3;
    }
    if (repeated && (kind == 5 || kind == 6)) {
        if (other) {
            /* Which of them count, the canonical form knows. */
            PyObject *canonical = canonical_bytes(value_plan, all, ALL_FIELDS);
            if (canonical == NULL) {
                return NULL;
            }
            PyObject *value = read_json(all_of(canonical), lossy);
            Py_DECREF(canonical);
            return value;
        }
        return read_joined(all, kind, lossy);
    }
    switch (kind) {
    case 1:
        *lossy = *lossy || normal_bits(S_ENUM, bits) != 0;
        Py_RETURN_NONE;
    case 2: {
        double number;
        memcpy(&number, &bits, 8);
        return PyFloat_FromDouble(number);
    }
    case 3:
        return PyUnicode_DecodeUTF8((const char *)field.at, field.end - field.at, NULL);
    case 4:
        return PyBool_FromLong(bits != 0);
    case 5:
        return read_struct(field, lossy);
    case 6:
        return read_list(field, lossy);
    default:
        /* Nothing is set: it reads as null, but is not. */
        *lossy = true;
        Py_RETURN_NONE;
    }
}

static PyObject *
read_struct_entry(Cursor span, PyObject *dict, bool *lossy)
{
    Entry entry;
    if (!read_entry(&struct_plan->fields[0], span, &entry, MAX_DEPTH)) {
        return malformed();
    }
    if (entry.unknown) {
        *lossy = true;
        return Py_NewRef(Py_None);
    }
    PyObject *joined = NULL;
    Cursor field = entry.value;
    if (entry.repeated_value) {
        joined = join_entry_values(span);
        if (joined == NULL) {
            return NULL;
        }
        field = all_of(joined);
    }
    const Cursor *text = &entry.key.text;
    PyObject *key = PyUnicode_DecodeUTF8((const char *)text->at, text->end - text->at, NULL);
    PyObject *value = key == NULL ? NULL : read_json(field, lossy);
    int failed = value == NULL ? -1 : PyDict_SetItem(dict, key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_XDECREF(joined);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* Read the occurrences of the first field, which is all that a Struct and a ListValue have, into `into`. */
static PyObject *
read_items(Cursor span, PyObject *into, bool *lossy)
{
    if (into == NULL) {
        return NULL;
    }
    while (span.at < span.end) {
        uint32_t tag;
        Cursor field;
        if (!read_varint32(&span, &tag)) {
            goto malformed;
        }
        if (tag != (1 << 3 | WIRE_BYTES)) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                goto malformed;
            }
            continue;
        }
        if (!read_delimited(&span, &field)) {
            goto malformed;
        }
        PyObject *item;
        if (PyDict_CheckExact(into)) {
            item = read_struct_entry(field, into, lossy);
        }
        else {
            item = read_json(field, lossy);
            if (item != NULL && PyList_Append(into, item) < 0) {
                Py_CLEAR(item);
            }
        }
        if (item == NULL) {
            Py_DECREF(into);
            return NULL;
        }
        Py_DECREF(item);
    }
    return into;
malformed:
    Py_DECREF(into);
    return malformed();
}

static PyObject *
read_struct(Cursor span, bool *lossy)
{
    if (Py_EnterRecursiveCall(" while reading a google.protobuf.Struct")) {
        return NULL;
    }
    PyObject *dict = read_items(span, PyDict_New(), lossy);
    Py_LeaveRecursiveCall();
    return dict;
}

static PyObject *
read_list(Cursor span, bool *lossy)
{
    if (Py_EnterRecursiveCall(" while reading a google.protobuf.ListValue")) {
        return NULL;
    }
    PyObject *list = read_items(span, PyList_New(0), lossy);
    Py_LeaveRecursiveCall();
    return list;
}

/* ---- Wrappers ---- */

static PyObject *
read_wrapper(Field *field, Cursor span, bool *lossy)
{
    const Field *value = &field->sub->fields[0];
    uint64_t bits = 0;
    Cursor text = {NULL, NULL};
    while (span.at < span.end) {
        uint32_t tag;
        if (!read_varint32(&span, &tag)) {
            return malformed();
        }
        if (tag >> 3 != 1 || (int)(tag & 7) != value->wire) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                return malformed();
            }
        }
        else if (value->wire == WIRE_BYTES ? !read_delimited(&span, &text) : !read_number(&span, value->wire, &bits)) {
            return malformed();
        }
    }
    return value->wire == WIRE_BYTES ? read_text(value, text) : read_number_value(value, bits);
}

/* ---- A message around one map, and lists of keys and values ---- */

static PyObject *
read_key_value(Field *field, Cursor span, bool *lossy, PyObject **key)
{
    Plan *plan = field->sub;
    PyObject *values[2] = {NULL, NULL};
    while (span.at < span.end) {
        uint32_t tag;
        uint64_t bits;
        Cursor text;
        if (!read_varint32(&span, &tag)) {
            goto malformed;
        }
        Field *part = find_field(plan, tag >> 3);
        if (part == NULL || (int)(tag & 7) != part->wire) {
            *lossy = true;
            if (!skip_field(&span, tag, MAX_DEPTH)) {
                goto malformed;
            }
            continue;
        }
        bool ok = part->wire == WIRE_BYTES ? read_delimited(&span, &text) : read_number(&span, part->wire, &bits);
        if (!ok) {
            goto malformed;
        }
        PyObject *value = part->wire == WIRE_BYTES ? read_text(part, text) : read_number_value(part, bits);
        if (value == NULL) {
            goto failed;
        }
        Py_XSETREF(values[part - plan->fields], value);
    }
    for (int i = 0; i < 2; i++) {
        if (values[i] == NULL && (values[i] = zero_value(&plan->fields[i])) == NULL) {
            goto failed;
        }
    }
    *key = values[0];
    return values[1];
malformed:
    malformed();
failed:
    Py_XDECREF(values[0]);
    Py_XDECREF(values[1]);
    return NULL;
}

/* Add one message with a key and a value to the dict `into`. */
int
read_key_value_into(Field *field, Cursor span, PyObject *into, bool *lossy)
{
    PyObject *key, *value = read_key_value(field, span, lossy, &key);
    if (value == NULL) {
        return -1;
    }
    Py_ssize_t before = PyDict_GET_SIZE(into);
    int failed = PyDict_SetItem(into, key, value);
    /* Of a key that comes twice the last one counts. */
    *lossy = *lossy || PyDict_GET_SIZE(into) == before;
    Py_DECREF(key);
    Py_DECREF(value);
    return failed;
}

PyObject *
read_converted(Field *field, Cursor span, bool *lossy)
{
    switch (field->kind) {
    case DATETIME: case NAIVE:
        return read_datetime(span, field->kind == NAIVE, lossy);
    case TIMEDELTA:
        return read_timedelta(span, lossy);
    case STRUCT:
        return read_struct(span, lossy);
    case LIST_VALUE:
        return read_list(span, lossy);
    case VALUE:
        return read_json(span, lossy);
    case WRAPPER:
        return read_wrapper(field, span, lossy);
    default:
        return PyErr_Format(PyExc_SystemError, "a field of the kind %d was to be converted", field->kind);
    }
}

/* ---- Writing ---- */

/* Write what `value` is serialized as, if it is a message that may stand for a value of the plan's. */
static int
write_message(Writer *writer, const Plan *plan, PyObject *value)
{
    PyObject *bytes = call_hook(hooks.encode_message, plan->name, value);
    if (bytes == NULL) {
        return -1;
    }
    int failed = -1;
    if (PyBytes_CheckExact(bytes)) {
        failed = put_bytes(writer, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    }
    else {
        PyErr_Format(PyExc_TypeError, "expected bytes of a %U", plan->name);
    }
    Py_DECREF(bytes);
    return failed;
}

static int
write_datetime(Writer *writer, PyObject *value)
{
    if (!PyDateTime_Check(value)) {
        return write_message(writer, timestamp_plan, value);
    }
    int64_t seconds = days_of(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value));
    seconds = seconds * SECONDS_PER_DAY + PyDateTime_DATE_GET_HOUR(value) * 3600
              + PyDateTime_DATE_GET_MINUTE(value) * 60 + PyDateTime_DATE_GET_SECOND(value);
    int64_t micros = PyDateTime_DATE_GET_MICROSECOND(value);
    PyObject *zone = PyDateTime_DATE_GET_TZINFO(value);
    if (!PyDateTime_CheckExact(value) || (zone != Py_None && zone != PyDateTime_TimeZone_UTC)) {
        PyObject *offset = PyObject_CallMethod(value, "utcoffset", NULL);
        if (offset == NULL) {
            return -1;
        }
        if (PyDelta_Check(offset)) {
            seconds -= (int64_t)PyDateTime_DELTA_GET_DAYS(offset) * SECONDS_PER_DAY
                       + PyDateTime_DELTA_GET_SECONDS(offset);
            micros -= PyDateTime_DELTA_GET_MICROSECONDS(offset);
            seconds += divide_down(&micros, MICROS_PER_SECOND);
        }
        Py_DECREF(offset);
    }
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
        PyErr_SetString(PyExc_ValueError, "expected a datetime that UTC can hold, from the year 1 to the year 9999");
        return -1;
    }
    return write_time(writer, (Time){seconds, (int32_t)(micros * 1000)});
}

static int
write_timedelta(Writer *writer, PyObject *value)
{
    if (!PyDelta_Check(value)) {
        return write_message(writer, duration_plan, value);
    }
    int64_t seconds = (int64_t)PyDateTime_DELTA_GET_DAYS(value) * SECONDS_PER_DAY
                      + PyDateTime_DELTA_GET_SECONDS(value);
    int64_t micros = PyDateTime_DELTA_GET_MICROSECONDS(value);
    /* Both parts of a Duration have one sign. */
    if (seconds < 0 && micros > 0) {
        seconds++;
        micros -= MICROS_PER_SECOND;
    }
    return write_time(writer, (Time){seconds, (int32_t)(micros * 1000)});
}

static int write_json(Writer *writer, PyObject *value);

static bool
is_message(PyObject *value)
{
    return PyObject_HasAttrString(value, "DESCRIPTOR") && PyObject_HasAttrString(value, "ListFields");
}

static PyObject *mapping_type;

static int
is_mapping(PyObject *value)
{
    if (PyDict_Check(value)) {
        return 1;
    }
    if (mapping_type == NULL) {
        PyObject *module = PyImport_ImportModule("collections.abc");
        mapping_type = module == NULL ? NULL : PyObject_GetAttrString(module, "Mapping");
        Py_XDECREF(module);
        if (mapping_type == NULL) {
            return -1;
        }
    }
    return PyObject_IsInstance(value, mapping_type);
}

/* A key as JSON writes it: a new reference to a str. */
static PyObject *
key_of_json(PyObject *key)
{
    if (PyUnicode_Check(key)) {
        return Py_NewRef(key);
    }
    if (key == Py_None) {
        return PyUnicode_FromString("null");
    }
    if (PyBool_Check(key)) {
        return PyUnicode_FromString(key == Py_True ? "true" : "false");
    }
    if (PyLong_Check(key)) {
        return PyLong_Type.tp_repr(key);
    }
    if (PyFloat_Check(key)) {
        return PyFloat_Type.tp_repr(key);
    }
    return PyErr_Format(PyExc_TypeError, "a key of a google.protobuf.Struct is a %.100s", Py_TYPE(key)->tp_name);
}

/* The mapping as a dict whose keys are str: itself, if it is one. */
static PyObject *
dict_of_json(PyObject *value)
{
    PyObject *dict = PyDict_CheckExact(value) ? Py_NewRef(value) : NULL;
    if (dict == NULL) {
        dict = PyDict_New();
        PyObject *items = dict == NULL ? NULL : PyMapping_Items(value);
        if (items == NULL || PyDict_MergeFromSeq2(dict, items, 1) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(items);
        if (dict == NULL) {
            return NULL;
        }
    }
    PyObject *key, *item;
    Py_ssize_t place = 0;
    bool plain = true;
    while (plain && PyDict_Next(dict, &place, &key, &item)) {
        plain = PyUnicode_Check(key);
    }
    if (plain) {
        return dict;
    }
    PyObject *renamed = PyDict_New();
    place = 0;
    while (renamed != NULL && PyDict_Next(dict, &place, &key, &item)) {
        Py_INCREF(item);
        PyObject *text = key_of_json(key);
        if (text == NULL || PyDict_SetItem(renamed, text, item) < 0) {
            Py_CLEAR(renamed);
        }
        Py_XDECREF(text);
        Py_DECREF(item);
    }
    if (renamed != NULL && PyDict_GET_SIZE(renamed) != PyDict_GET_SIZE(dict)) {
        PyErr_SetString(PyExc_ValueError, "two keys of a dict are one key of a google.protobuf.Struct");
        Py_CLEAR(renamed);
    }
    Py_DECREF(dict);
    return renamed;
}

/* The field of a Struct, whose values are anything that JSON holds. */
static Field json_fields;

static int
write_struct(Writer *writer, PyObject *value)
{
    int mapping = PyDict_Check(value) ? 1 : is_message(value) ? 0 : is_mapping(value);
    if (mapping <= 0) {
        return mapping < 0 ? -1 : write_message(writer, struct_plan, value);
    }
    PyObject *dict = dict_of_json(value);
    if (dict == NULL) {
        return -1;
    }
    int failed = write_map(writer, &json_fields, dict);
    Py_DECREF(dict);
    return failed;
}

static int
write_list_value(Writer *writer, PyObject *value)
{
    if (!PyList_Check(value) && !PyTuple_Check(value)) {
        return write_message(writer, list_value_plan, value);
    }
    for (Py_ssize_t i = PySequence_Fast_GET_SIZE(value); i-- > 0;) {
        /* Writing an item may run anything, and that may change the list. */
        if (i >= PySequence_Fast_GET_SIZE(value)) {
            PyErr_SetString(PyExc_RuntimeError, "a list changed while it was written");
            return -1;
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(value, i));
        size_t before = written(writer);
        int failed = write_json(writer, item) < 0 || put_length(writer, before) < 0
                     || put_varint(writer, 1 << 3 | WIRE_BYTES) < 0;
        Py_DECREF(item);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* Write `write`'s message as the arm `number` of a Value. */
static int
write_json_message(Writer *writer, int (*write)(Writer *, PyObject *), PyObject *value, uint32_t number)
{
    size_t before = written(writer);
    if (Py_EnterRecursiveCall(" while writing a google.protobuf.Value")) {
        return -1;
    }
    int failed = write(writer, value);
    Py_LeaveRecursiveCall();
    return failed < 0 || put_length(writer, before) < 0 ? -1 : put_varint(writer, number << 3 | WIRE_BYTES);
}

static int
write_json(Writer *writer, PyObject *value)
{
    if (value == Py_None || value == hooks.null || PyBool_Check(value)) {
        uint32_t number = PyBool_Check(value) ? 4 : 1;
        return put_varint(writer, value == Py_True) < 0 ? -1 : put_varint(writer, number << 3 | WIRE_VARINT);
    }
    if (PyUnicode_Check(value)) {
        return write_string(writer, value) < 0 ? -1 : put_varint(writer, 3 << 3 | WIRE_BYTES);
    }
    if (PyFloat_Check(value) || PyLong_Check(value)) {
        double number = PyFloat_Check(value) ? PyFloat_AS_DOUBLE(value) : PyLong_AsDouble(value);
        uint64_t bits;
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        memcpy(&bits, &number, 8);
        return put_number(writer, S_DOUBLE, bits) < 0 ? -1 : put_varint(writer, 2 << 3 | WIRE_64);
    }
    if (PyList_Check(value) || PyTuple_Check(value)) {
        return write_json_message(writer, write_list_value, value, 6);
    }
    int mapping = PyDict_Check(value) ? 1 : is_message(value) ? 0 : is_mapping(value);
    if (mapping < 0) {
        return -1;
    }
    return mapping ? write_json_message(writer, write_struct, value, 5) : write_message(writer, value_plan, value);
}

static int
write_wrapper(Writer *writer, const Field *field, PyObject *value)
{
    const Field *part = &field->sub->fields[0];
    if (is_message(value)) {
        return write_message(writer, field->sub, value);
    }
    return write_field(writer, (Field *)part, value);
}

/* Write one message with a key and a value. */
int
write_key_value(Writer *writer, Field *field, PyObject *key, PyObject *value)
{
    Field *parts = field->sub->fields;
    size_t before = written(writer);
    if (write_field(writer, &parts[1], value) < 0 || write_field(writer, &parts[0], key) < 0
        || put_length(writer, before) < 0) {
        return -1;
    }
    return put_bytes(writer, field->tag, field->tag_length);
}

int
write_converted(Writer *writer, Field *field, PyObject *value)
{
    switch (field->kind) {
    case DATETIME: case NAIVE:
        return write_datetime(writer, value);
    case TIMEDELTA:
        return write_timedelta(writer, value);
    case STRUCT:
        return write_struct(writer, value);
    case LIST_VALUE:
        return write_list_value(writer, value);
    case VALUE:
        return write_json(writer, value);
    case WRAPPER:
        return write_wrapper(writer, field, value);
    default:
        PyErr_Format(PyExc_SystemError, "a field of the kind %d was to be converted", field->kind);
        return -1;
    }
}

int
init_conversions(void)
{
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == NULL) {
        return -1;
    }
    json_fields = struct_plan->fields[0];
    json_fields.kind = VALUE;
    json_fields.sub = value_plan;
    return 0;
}
