/* The wire format: reading tags, varints and skipping; what the scalar types are on the wire.
 *
 * Nothing here knows Python. Every function takes a cursor, and fails rather than read past its end. The limits are
 * those of protobuf's own parser. */

#ifndef CORE_WIRE_H
#define CORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Messages and groups within messages may be nested this deep, as protobuf's parser has it. */
#define MAX_DEPTH 100
/* No message is longer. */
#define MAX_LENGTH INT32_MAX
#define MAX_VARINT 10

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_START = 3, WIRE_END = 4, WIRE_32 = 5 };

typedef enum {
    S_DOUBLE, S_FLOAT, S_INT32, S_INT64, S_UINT32, S_UINT64, S_SINT32, S_SINT64,
    S_FIXED32, S_FIXED64, S_SFIXED32, S_SFIXED64, S_BOOL, S_STRING, S_BYTES, S_ENUM,
    SCALARS
} Scalar;

/* Part of a message that is still to be read. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

/* The wire type of one value of a scalar type. */
static inline int
wire_type_of(Scalar scalar)
{
    switch (scalar) {
    case S_DOUBLE: case S_FIXED64: case S_SFIXED64:
        return WIRE_64;
    case S_FLOAT: case S_FIXED32: case S_SFIXED32:
        return WIRE_32;
    case S_STRING: case S_BYTES:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static inline bool
is_packable(Scalar scalar)
{
    return wire_type_of(scalar) != WIRE_BYTES;
}

bool read_long_varint(Cursor *cursor, uint64_t *value);

/* Read a varint of up to ten bytes; what does not fit into 64 bits is cut off, as protobuf does. */
static inline bool
read_varint(Cursor *cursor, uint64_t *value)
{
    if (cursor->at < cursor->end && *cursor->at < 0x80) {
        *value = *cursor->at++;
        return true;
    }
    return read_long_varint(cursor, value);
}

/* Read a tag or a length: at most five bytes, and 32 bits. */
static inline bool
read_varint32(Cursor *cursor, uint32_t *value)
{
    uint64_t wide;
    const uint8_t *start = cursor->at;
    if (!read_varint(cursor, &wide) || cursor->at - start > 5 || wide > UINT32_MAX) {
        return false;
    }
    *value = (uint32_t)wide;
    return true;
}

/* Read the length of a field and the field: `field` becomes its extent, and the cursor is behind it. */
static inline bool
read_delimited(Cursor *cursor, Cursor *field)
{
    uint32_t length;
    if (!read_varint32(cursor, &length) || length > (size_t)(cursor->end - cursor->at)) {
        return false;
    }
    field->at = cursor->at;
    field->end = cursor->at += length;
    return true;
}

static inline uint32_t
load32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t
load64(const uint8_t *at)
{
    return (uint64_t)load32(at) | (uint64_t)load32(at + 4) << 32;
}

/* Read the bits of one number (any scalar but strings and bytes) of the wire type `wire`. */
static inline bool
read_number(Cursor *cursor, int wire, uint64_t *bits)
{
    if (wire == WIRE_VARINT) {
        return read_varint(cursor, bits);
    }
    size_t size = wire == WIRE_64 ? 8 : 4;
    if ((size_t)(cursor->end - cursor->at) < size) {
        return false;
    }
    *bits = size == 8 ? load64(cursor->at) : load32(cursor->at);
    cursor->at += size;
    return true;
}

static inline uint64_t
zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t
unzigzag(uint64_t bits)
{
    return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
}

/* What a writer puts on the wire for the number that `bits` means to a reader: cut to its type, in its least form. */
uint64_t normal_bits(Scalar scalar, uint64_t bits);

/* Skip the value of a field with this tag; of a group, all up to its end. `depth` is how deep more may be nested.
 * Any number will do, even 0, as in protobuf's parser where it skips. */
bool skip_field(Cursor *cursor, uint32_t tag, int depth);

/* Read a group whose start was read: `content` is what is in it, and the cursor is behind its end. */
bool read_group(Cursor *cursor, uint32_t number, int depth, Cursor *content);

/* A float as a double, and the nearest float of a double; of what is not a number, whatever bits can be kept. */
double widen_float(uint32_t bits);
uint32_t narrow_float(double number);

bool is_other_utf8(const uint8_t *at, const uint8_t *end);

/* Whether a text is ASCII, as most are. The last eight bytes are looked at in one piece, whatever was seen of them. */
static inline bool
is_ascii(const uint8_t *at, const uint8_t *end)
{
    size_t size = (size_t)(end - at);
    uint64_t all = 0, last = 0;
    if (size >= 8) {
        for (; end - at > 8; at += 8) {
            memcpy(&last, at, 8);
            all |= last;
        }
        memcpy(&last, end - 8, 8);
    }
    else if (size >= 4) {
        memcpy(&all, at, 4);
        memcpy(&last, end - 4, 4);
    }
    else {
        for (size_t i = 0; i < size; i++) {
            all |= at[i];
        }
    }
    return ((all | last) & 0x8080808080808080u) == 0;
}

/* Whether a text is valid UTF-8. */
static inline bool
is_utf8(const uint8_t *at, const uint8_t *end)
{
    return is_ascii(at, end) || is_other_utf8(at, end);
}

#endif
