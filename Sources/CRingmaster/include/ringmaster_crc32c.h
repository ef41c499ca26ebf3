// ringmaster_crc32c.h: CRC32C (Castagnoli, reflected, as iSCSI and ext4 use it).
#ifndef RINGMASTER_CRC32C_H
#define RINGMASTER_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Goes on from the checksum of the bytes before, 0 at the beginning: rm_crc32c(0, "123456789", 9) is 0xe3069283.
// By the processor's instruction where it has one, else by a table.
uint32_t rm_crc32c(uint32_t crc, const void *bytes, size_t count);

// The same by the table, on any processor.
uint32_t rm_crc32c_by_table(uint32_t crc, const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif
#endif
