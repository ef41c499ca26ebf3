// ringmaster_journal.h: the journal's files and the head of its snapshots, for any language.
//
// A journal is a folder of segment files, `segment-<number of the first commit, 20 digits>.rmj`. All integers are
// little-endian and naturally aligned; reserved fields and padding are zero.
//
//   offset 0      segment header, one page
//   offset 4096   commits, each at a multiple of RM_JOURNAL_ALIGNMENT, one after the other without gaps
//   behind them   zeros up to the end of the file: the file is made in its full size, so that a commit changes no metadata
//
// A commit is a header and a body of records, the last of them a turn. It is written by one write and synced before the next
// one is written, so a crash can tear the last commit of the journal and no other: of its sectors, any may be old, which is
// zeros, and any may be new. What was synced lies in the same sectors, but is written again with the bytes it has, so it is
// lost only by a disk that spoils sectors it is writing. Therefore bytes that are no valid commit are
//   - damage, when a valid commit of this journal or a later segment is behind them: they had been synced, and what spoilt
//     them came later;
//   - a torn commit that nobody was told of, when one of the sectors of 512 bytes that they lie in is zeros as far as they
//     reach, or the turn at the end is, or there is nothing behind the header. Recovery replaces them by zeros;
//   - else damage: they were written whole, and may have been told durable.
// A commit whose checksums are right and in which a record does not decode is damage too.
// A commit is known to be of this journal by the journal's random id, which no sender of events can put into a text.
// A segment gets its name only once its header is synced and all commits before it are: a segment whose header is not
// valid is damaged, not torn; its commits tell themselves what they are, and can be read. Commits go on in the segment whose
// name has the next number. Only a salvage leaves a gap: it begins a segment with a number that no commit had, whose first
// record is RM_JOURNAL_SALVAGED.
#ifndef RINGMASTER_JOURNAL_H
#define RINGMASTER_JOURNAL_H

#include "ringmaster.h"

#ifdef __cplusplus
extern "C" {
#endif

// Changes whenever any structure or constant here changes its meaning, or a kind of record is added.
#define RM_JOURNAL_VERSION 2u

// Files from before version 2 have a 1 in the place of the 2 in their magic, and are of version 1 whatever number they bear.
#define RM_JOURNAL_SEGMENT_MAGIC 0x32474553524d52ull  // "RMRSEG2"
#define RM_JOURNAL_COMMIT_MAGIC 0x32544d43524d52ull   // "RMRCMT2"
#define RM_JOURNAL_SNAPSHOT_MAGIC 0x32504e53524d52ull // "RMRSNP2"
#define RM_JOURNAL_PAGE 4096u
#define RM_JOURNAL_ALIGNMENT 64u
#define RM_JOURNAL_ID_BYTES 16u
#define RM_JOURNAL_HASH_BYTES 32u

// Magic, version and checksum stand at these offsets in every version, and the checksum covers the same page: so a newer
// version is told from damage.
struct rm_journal_segment_header {
  uint64_t magic;
  uint32_t version;
  uint32_t page_crc;         // CRC32C of the whole page with zero here
  uint64_t segment_bytes;    // of the file, a multiple of the page
  uint64_t segment_number;   // counts from 1
  uint64_t first_commit;     // number of the first commit here; commits count from 1
  uint64_t first_record;     // number of its first record; records count from 1
  int64_t created_ms;        // since 1970
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];
  uint8_t previous_hash[RM_JOURNAL_HASH_BYTES];  // of the last commit of the segment before; zeros in the first one
};

// The hash of a commit is the SHA-256 of its header and its body, without the padding. Each header holds that of the commit
// before, so the last hash vouches for the whole journal.
struct rm_journal_commit_header {
  uint64_t magic;
  uint32_t body_bytes;       // records, a multiple of 8
  uint32_t body_crc;         // CRC32C
  uint64_t number;
  uint64_t first_record;     // number of the first record of the body
  uint32_t record_count;
  uint32_t reserved0;
  uint64_t state_hash;       // of the state machine after the last record
  uint64_t last_transaction; // made by then
  int64_t time_ms;           // the controller's clock then
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];
  uint8_t previous_hash[RM_JOURNAL_HASH_BYTES];
  uint64_t reserved1;
  uint32_t reserved2;
  uint32_t header_crc;       // CRC32C of the bytes before it
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_segment_header) == 104, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_commit_header) == 128, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_commit_header) % RM_JOURNAL_ALIGNMENT == 0, "a body begins aligned");

// ---------------------------------------------------------------------------------------------------------------------
// Records, back to back, each beginning at a multiple of 8. They count from 1 through the whole journal. A kind that is not
// listed here is damage.

#define RM_JOURNAL_EVENT 1u           // rm_journal_event: entered the state machine and made a transaction
#define RM_JOURNAL_SKIPPED 3u         // rm_journal_skip: no event; the text behind it says why
#define RM_JOURNAL_PEER_ATTACHED 4u   // rm_journal_peer
#define RM_JOURNAL_PEER_REMOVED 5u    // rm_journal_peer_removed
#define RM_JOURNAL_CONFIGURED 7u      // rm_journal_configuration: the settings from here on
#define RM_JOURNAL_TURN 8u            // rm_journal_turn: ends what was handled in one go; the last record of every commit
#define RM_JOURNAL_UNHANDLED 9u       // rm_journal_event: never entered the state machine; code = 0: dropped by the
                                      // middleware that the text behind the event's names; else a dead-letter reason, and
                                      // that text says why
#define RM_JOURNAL_STARTED 10u        // rm_journal_start: a dispatcher begins; first of the records that it writes
#define RM_JOURNAL_PEER_NUMBERS 11u   // rm_journal_peer_numbers: more numbers of peers may be given
#define RM_JOURNAL_SALVAGED 12u       // rm_journal_salvage: first record of the segment that a salvage begins
#define RM_JOURNAL_LETTER 13u         // rm_journal_record: what became of a dead letter; code = RM_JOURNAL_LETTER_*; behind it
                                      // as in a snapshot (SavedDeadLetters.swift): the letter, or its number and why

#define RM_JOURNAL_FLAG_WANTS_RESULT 1u
#define RM_JOURNAL_FLAG_NO_TIME 2u    // the event has no time of its own

#define RM_JOURNAL_LETTER_KEPT 0u
#define RM_JOURNAL_LETTER_RETRIED 1u  // and failed again
#define RM_JOURNAL_LETTER_REMOVED 2u  // retried, or dropped by an operator

struct rm_journal_record {
  uint32_t bytes;  // of the record with this head, without the padding behind it
  uint8_t kind;
  uint8_t flags;
  uint8_t code;
  uint8_t reserved;
};

struct rm_journal_event {
  struct rm_journal_record record;
  uint32_t peer;            // with position the event's id; 0 = the dispatcher itself
  uint32_t slots;           // that it took in the peer's submission ring; 0 of the dispatcher's own
  uint64_t position;        // in the peer's submission ring; of the dispatcher's own: their number
  int64_t timestamp_ms;
  struct rm_event_head head;  // as in a ring, its timestamp_ns zero; the text (head.text_bytes) follows
};

struct rm_journal_skip {
  struct rm_journal_record record;
  uint32_t peer;
  uint32_t slots;
  uint64_t position;
  // text in UTF-8
};

struct rm_journal_peer {
  struct rm_journal_record record;
  uint32_t peer;
  uint32_t lane;
  uint32_t role;  // RM_ROLE_*
  uint32_t uid;
  int32_t pid;
  uint32_t submission_capacity;
  uint32_t result_capacity;
  uint32_t reserved;
  uint64_t epoch;  // in which it attached
  uint8_t token_hash[RM_JOURNAL_HASH_BYTES];  // SHA-256 of its secret
  // name in UTF-8
};

// Each start begins an epoch: its number is above those of all before it, and with it the number of a transaction is given
// only once, though a lost tail lets numbers be given again.
struct rm_journal_start {
  struct rm_journal_record record;
  uint64_t epoch;
  uint32_t peer_numbers_up_to;  // numbers of peers up to it may have been given: none of them is given by a later start
  uint32_t machine;  // version of the controller's rules by which the events behind it, up to the next start, were handled
};

struct rm_journal_peer_numbers {
  struct rm_journal_record record;
  uint32_t up_to;  // as peer_numbers_up_to
  uint32_t reserved;
};

// What is between the commit that it names and the one that holds it is lost: a reader that comes upon damage there goes on
// here. Numbers of commits, records and transactions that what is lost may have had are not given again.
struct rm_journal_salvage {
  struct rm_journal_record record;
  uint64_t last_commit;       // the last one that could be read; 0 for none
  uint64_t last_transaction;  // numbers up to it may have been given
};

struct rm_journal_peer_removed {
  struct rm_journal_record record;
  uint32_t peer;
  uint32_t reserved;
};

// What the state machine's decisions depend on.
struct rm_journal_configuration {
  struct rm_journal_record record;
  int64_t worker_timeout_ms;
  int64_t heartbeat_failure_threshold;
  int64_t job_retention_ms;
  int64_t delivery_retries;
  int64_t gang_retry_delay_ms;
  int64_t stall_threshold_ms;
  int64_t restart_grace_ms;
  int64_t restart_spread_ms;
  int64_t silent_share_percent;
  int64_t brake_engage_share_percent;
  int64_t brake_release_share_percent;
  int64_t brake_minimum_workers;
  int64_t brake_expiries_per_minute;
  int64_t assignment_timeout_ms;
  int64_t reservation_after_ms;
};

struct rm_journal_turn {
  struct rm_journal_record record;
  uint64_t record_number;     // its own
  uint64_t state_hash;
  uint64_t last_transaction;
  int64_t time_ms;
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_record) == 8, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_event) == 88, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_skip) == 24, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer) == 80, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_start) == 24, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer_numbers) == 16, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_salvage) == 24, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer_removed) == 16, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_configuration) == 128, "fixed");
RM_STATIC_ASSERT(sizeof(struct rm_journal_turn) == 40, "fixed");

// ---------------------------------------------------------------------------------------------------------------------
// Snapshots: `snapshot-<commit, 20 digits>.rms`, the state after that commit. A dispatcher that is stopped writes another
// one, `stopped.rms`, of the end of its journal: with it, a program with other rules begins. The payload is written by the Journal module
// (Snapshot+Encoding.swift says how) and changes with the version.

#define RM_JOURNAL_SNAPSHOT_VERSION 2u

// Magic, version and checksum stand at these offsets in every version.
struct rm_journal_snapshot_header {
  uint64_t magic;
  uint32_t version;
  uint32_t header_crc;        // CRC32C of this header with zero here
  uint64_t payload_bytes;     // behind the header, up to the end of the file
  uint32_t payload_crc;       // CRC32C
  uint32_t machine;           // version of the rules of the newest start before it
  uint64_t commit;
  uint64_t last_record;
  uint64_t last_transaction;
  uint64_t state_hash;
  uint64_t segment;           // first commit of the segment that the commit lies in
  uint64_t segment_offset;    // behind the commit
  uint64_t commit_offset;     // of the commit; 0 when it lies in an earlier segment
  int64_t created_ms;
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];
  uint8_t commit_hash[RM_JOURNAL_HASH_BYTES];
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_snapshot_header) == 144, "fixed");

#ifdef __cplusplus
}
#endif
#endif
