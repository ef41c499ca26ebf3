// ringmaster_datagrams.h: what workers and the UDP ingest say to each other. All integers are little-endian.
#ifndef RINGMASTER_DATAGRAMS_H
#define RINGMASTER_DATAGRAMS_H

#include "ringmaster.h"

#ifdef __cplusplus
extern "C" {
#endif

// Datagrams of the UDP ingest. A datagram is a header and `count` entries of one kind.

#define RM_DATAGRAM_MAGIC 0x48424d52u  // "RMBH"
#define RM_DATAGRAM_VERSION 2u
#define RM_DATAGRAM_HEARTBEATS 1u     // worker -> ingest: count handles (u64)
#define RM_DATAGRAM_REGISTER 2u       // worker -> ingest: one rm_datagram_register
#define RM_DATAGRAM_REGISTERED 3u     // ingest -> worker: one rm_datagram_registered
#define RM_DATAGRAM_UNKNOWN 4u        // ingest -> worker: count handles (u64) that name no worker: register again
// What every path of IPv6 carries in one piece: its least MTU of 1280 bytes without the headers of IPv6 and UDP.
#define RM_DATAGRAM_MAX_BYTES 1232u
#define RM_DATAGRAM_MAX_HEARTBEATS 152u  // 16 + 152 * 8 bytes

struct rm_datagram_header {
  uint32_t magic;
  uint8_t version;
  uint8_t kind;
  uint16_t count;
  uint64_t reserved;  // 0
};

struct rm_datagram_register {
  uint64_t request;    // chosen by the worker, returned in the acknowledgement
  int64_t milli_cpu;
  int64_t memory_bytes;
  uint32_t devices;    // kinds of devices that follow
  uint32_t reserved;   // 0
  char name[256];      // UTF-8, NUL-terminated
  char address[256];
  char incarnation[256];  // empty = none
};

// Behind it, first its devices, each kind as { uint8 name length, uint32 count, name }; then, up to the end of the
// datagram: attributes of the worker, its zone among them as "zone", each as
// { uint8 key length, uint8 value length, key, value }, UTF-8 without NUL.

struct rm_datagram_registered {
  uint64_t request;
  uint64_t worker;     // handle; 0 = refused
  uint32_t reason;     // RejectionReason when refused
  uint32_t reserved;
};
RM_STATIC_ASSERT(sizeof(struct rm_datagram_header) == 16, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_datagram_register) == 800, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_datagram_registered) == 24, "fixed");

#ifdef __cplusplus
}
#endif
#endif
