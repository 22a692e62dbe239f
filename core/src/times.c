/* Timestamps and durations: seconds and nanoseconds, and the datetimes and timedeltas that stand for them. */

#include "core.h"
#include <datetime.h>

#define SECONDS_PER_DAY 86400
#define MICROS_PER_SECOND 1000000
/* The first and the last second that a datetime holds, and the longest timedelta, in days. */
#define FIRST_SECOND INT64_C(-62135596800)
#define LAST_SECOND INT64_C(253402300799)
#define MOST_DAYS INT64_C(999999999)

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

PyObject *
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

PyObject *
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

/* ---- Writing ---- */

int
write_datetime(Writer *writer, PyObject *value)
{
    if (!PyDateTime_Check(value)) {
        return write_given(writer, timestamp_plan, value);
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

int
write_timedelta(Writer *writer, PyObject *value)
{
    if (!PyDelta_Check(value)) {
        return write_given(writer, duration_plan, value);
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

int
init_times(void)
{
    PyDateTime_IMPORT;
    return PyDateTimeAPI == NULL ? -1 : 0;
}
