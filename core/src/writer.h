/* A buffer that is written from its end: a message is complete before its length is needed. */

#ifndef CORE_WRITER_H
#define CORE_WRITER_H

#include "wire.h"

#define FIRST_BLOCK 1024

typedef struct {
    uint8_t *at;              /* the first byte that was written */
    uint8_t *block;
    uint8_t *end;             /* of the block, and of what was written */
    bool deterministic;
    bool as_read;             /* of the outermost model, what was read in the place of values that do not say all */
    bool known;               /* without the unknown fields (canonical.c) */
    bool compared;            /* with unknown fields of one number by wire type (canonical.c) */
    int depth;                /* of the models being written */
    uint8_t first[FIRST_BLOCK];
} Writer;

void start_writer(Writer *writer, bool deterministic);
void finish_writer(Writer *writer);
/* Make room for more bytes; -1 with MemoryError. */
int grow(Writer *writer, size_t size);

static inline size_t
written(const Writer *writer)
{
    return (size_t)(writer->end - writer->at);
}

static inline int
reserve(Writer *writer, size_t size)
{
    return size <= (size_t)(writer->at - writer->block) ? 0 : grow(writer, size);
}

/* Take back all but the last `size` bytes. */
static inline void
rewind_to(Writer *writer, size_t size)
{
    writer->at = writer->end - size;
}

static inline int
put_bytes(Writer *writer, const void *bytes, size_t size)
{
    if (reserve(writer, size) < 0) {
        return -1;
    }
    if (size > 0) {
        writer->at -= size;
        memcpy(writer->at, bytes, size);
    }
    return 0;
}

static inline size_t
varint_length(uint64_t value)
{
    size_t length = 1;
    while (value >= 0x80) {
        value >>= 7;
        length++;
    }
    return length;
}

static inline int
put_varint(Writer *writer, uint64_t value)
{
    if (reserve(writer, MAX_VARINT) < 0) {
        return -1;
    }
    if (value < 0x80) {
        *--writer->at = (uint8_t)value;
        return 0;
    }
    writer->at -= varint_length(value);
    uint8_t *at = writer->at;
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at = (uint8_t)value;
    return 0;
}

/* Put a number of this scalar type. */
static inline int
put_number(Writer *writer, Scalar scalar, uint64_t bits)
{
    int wire = wire_type_of(scalar);
    if (wire == WIRE_VARINT) {
        return put_varint(writer, bits);
    }
    size_t size = wire == WIRE_64 ? 8 : 4;
    if (reserve(writer, size) < 0) {
        return -1;
    }
    writer->at -= size;
    for (size_t i = 0; i < size; i++) {
        writer->at[i] = (uint8_t)(bits >> (8 * i));
    }
    return 0;
}

/* Put the length of all that was written since `before` bytes were. */
static inline int
put_length(Writer *writer, size_t before)
{
    return put_varint(writer, written(writer) - before);
}

#endif
