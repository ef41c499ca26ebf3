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

#ifdef __cplusplus
}
#endif
#endif
