/* The wire format: what is not worth inlining. */

#include "wire.h"

bool
read_long_varint(Cursor *cursor, uint64_t *value)
{
    uint64_t bits = 0;
    const uint8_t *at = cursor->at;
    for (int shift = 0; shift < 7 * MAX_VARINT; shift += 7) {
        if (at == cursor->end) {
            return false;
        }
        uint8_t byte = *at++;
        bits |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            cursor->at = at;
            *value = bits;
            return true;
        }
    }
    return false;
}

uint64_t
normal_bits(Scalar scalar, uint64_t bits)
{
    switch (scalar) {
    case S_BOOL:
        return bits != 0;
    case S_INT32: case S_ENUM:
        return (uint64_t)(int64_t)(int32_t)(uint32_t)bits;
    case S_UINT32: case S_SINT32:
        return (uint32_t)bits;
    default:
        return bits;
    }
}

bool
read_group(Cursor *cursor, uint32_t number, int depth, Cursor *content)
{
    if (depth <= 0) {
        return false;
    }
    content->at = cursor->at;
    for (;;) {
        uint32_t tag;
        content->end = cursor->at;
        if (!read_varint32(cursor, &tag)) {
            return false;
        }
        if ((tag & 7) == WIRE_END) {
            return tag >> 3 == number;
        }
        if (!skip_field(cursor, tag, depth - 1)) {
            return false;
        }
    }
}

bool
skip_field(Cursor *cursor, uint32_t tag, int depth)
{
    uint64_t bits;
    Cursor field;
    switch (tag & 7) {
    case WIRE_VARINT: case WIRE_64: case WIRE_32:
        return read_number(cursor, tag & 7, &bits);
    case WIRE_BYTES:
        return read_delimited(cursor, &field);
    case WIRE_START:
        return read_group(cursor, tag >> 3, depth, &field);
    default:
        return false;
    }
}

/* The conversions of C would make every NaN a quiet one. */
#define FLOAT_INFINITY 0x7f800000u
#define DOUBLE_INFINITY 0x7ff0000000000000u

double
widen_float(uint32_t bits)
{
    double wide;
    if ((bits & ~(1u << 31)) > FLOAT_INFINITY) {
        uint64_t wide_bits = (uint64_t)(bits >> 31) << 63 | DOUBLE_INFINITY | (uint64_t)(bits & 0x7fffffu) << 29;
        memcpy(&wide, &wide_bits, 8);
        return wide;
    }
    float number;
    memcpy(&number, &bits, 4);
    return number;
}

uint32_t
narrow_float(double number)
{
    uint64_t wide;
    memcpy(&wide, &number, 8);
    uint32_t sign = (uint32_t)(wide >> 63) << 31;
    wide &= ~(UINT64_C(1) << 63);
    if (wide > DOUBLE_INFINITY) {
        uint32_t payload = (uint32_t)(wide >> 29) & 0x7fffffu;
        return sign | FLOAT_INFINITY | (payload == 0 ? 0x400000u : payload);
    }
    /* From half a step above the largest float on; C does not say what its conversion of such a number is. */
    if (number >= 0x1.ffffffp127 || number <= -0x1.ffffffp127) {
        return sign | FLOAT_INFINITY;
    }
    float narrow = (float)number;
    uint32_t bits;
    memcpy(&bits, &narrow, 4);
    return bits;
}

/* The number of bytes of the character at `at`, or 0 if it is none: too long a form, a surrogate, past the last. */
static int
utf8_length(const uint8_t *at, const uint8_t *end)
{
    uint8_t first = at[0];
    uint8_t low = 0x80, high = 0xbf;
    int length;
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    if (first < 0xe0) {
        length = 2;
    }
    else if (first < 0xf0) {
        length = 3;
        low = first == 0xe0 ? 0xa0 : low;
        high = first == 0xed ? 0x9f : high;
    }
    else {
        length = 4;
        low = first == 0xf0 ? 0x90 : low;
        high = first == 0xf4 ? 0x8f : high;
    }
    if (end - at < length || at[1] < low || at[1] > high) {
        return 0;
    }
    for (int i = 2; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool
is_other_utf8(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        uint64_t eight, more;
        while (end - at >= 16) {
            memcpy(&eight, at, 8);
            memcpy(&more, at + 8, 8);
            if ((eight | more) & 0x8080808080808080u) {
                break;
            }
            at += 16;
        }
        while (end - at >= 8) {
            memcpy(&eight, at, 8);
            if (eight & 0x8080808080808080u) {
                break;
            }
            at += 8;
        }
        while (at < end && *at < 0x80) {
            at++;
        }
        if (at < end) {
            int length = utf8_length(at, end);
            if (length == 0) {
                return false;
            }
            at += length;
        }
    }
    return true;
}
