// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// Part of ringmaster_journal.h, which includes it: the structs of the journal's files.
#ifndef RINGMASTER_JOURNAL_STRUCTS_H
#define RINGMASTER_JOURNAL_STRUCTS_H

#include "ringmaster.h"

// What the state machine's decisions depend on.
struct rm_journal_settings {
  int64_t worker_timeout_ms;  // A worker whose last heartbeat is older than this is lost.
  int64_t heartbeat_failure_threshold;  // Failed heartbeats in a row that make a worker lost.
  int64_t job_retention_ms;  // How long a job is kept after its end, until the next PRUNE.
  int64_t delivery_retries;  // Times that a task may be lost before it started and still be tried again.
  int64_t gang_retry_delay_ms;  // How long a gang that did not fit as a whole waits before it is proposed again.
  int64_t stall_threshold_ms;  // A dispatcher that did not run for longer than this was stalled: every deadline shifts
      // by that. At least four sweep intervals are allowed whatever this says.
  int64_t restart_grace_ms;  // How much longer than worker_timeout_ms a worker that was not heard of since a restart
      // may be silent.
  int64_t restart_spread_ms;  // The expiries of workers that are not heard of after a restart are spread over this
      // span.
  int64_t silent_share_percent;  // The silence after which a worker counts as silent for the brake. Heartbeats must
      // come more often than that.
  int64_t brake_engage_share_percent;  // When a larger share than this is silent at once, the zone's brake engages.
  int64_t brake_release_share_percent;  // When no larger share than this is silent any more, the brake is released. At
      // most engage_share_percent.
  int64_t brake_minimum_workers;  // A zone with fewer workers than this is judged together with all others of which
      // that is true; with fewer in all, no brake engages.
  int64_t brake_expiries_per_minute;  // Workers of a braked zone that may be lost in a minute while not all of them are
      // silent. At 0, none.
  int64_t assignment_timeout_ms;  // A task of which nothing is heard for longer than this after it was assigned is
      // taken back. At 0, never.
  int64_t reservation_after_ms;  // The first task or gang that does not fit and has waited for longer than this
      // reserves the workers that it could use.
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_settings) == 120, "its size is fixed");

// Begins a segment, on a page of its own. Magic, version and checksum have these offsets in every version, and the
// checksum covers the same page: so a newer version differs from damage.
struct rm_journal_segment_header {
  uint64_t magic;  // RM_JOURNAL_SEGMENT_MAGIC
  uint32_t version;  // RM_JOURNAL_VERSION
  uint32_t page_crc;  // CRC32C of the whole page with zero here
  uint64_t segment_bytes;  // of the file, a multiple of the page
  uint64_t segment_number;  // counts from 1
  uint64_t first_commit;  // number of the first commit here; commits count from 1
  uint64_t first_record;  // number of its first record; records count from 1
  int64_t created_ms;  // since 1970
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];  // of the journal, random
  uint8_t previous_hash[RM_JOURNAL_HASH_BYTES];  // of the last commit of the segment before; zeros in the first one
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_segment_header) == 104, "its size is fixed");

// Begins a commit. The hash of a commit is the SHA-256 of its header and its body, without the padding. Each header
// holds that of the commit before, so the last hash vouches for the whole journal.
struct rm_journal_commit_header {
  uint64_t magic;  // RM_JOURNAL_COMMIT_MAGIC
  uint32_t body_bytes;  // records, a multiple of 8
  uint32_t body_crc;  // CRC32C
  uint64_t number;  // of the commit
  uint64_t first_record;  // number of the first record of the body
  uint32_t record_count;  // records of the body
  uint32_t reserved0;  // 0
  uint64_t state_hash;  // of the state machine after the last record
  uint64_t last_transaction;  // made by then
  int64_t time_ms;  // the controller's clock then
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];  // of the journal, random
  uint8_t previous_hash[RM_JOURNAL_HASH_BYTES];  // of the commit before
  uint64_t reserved1;  // 0
  uint32_t reserved2;  // 0
  uint32_t header_crc;  // CRC32C of the bytes before it
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_commit_header) == 128, "its size is fixed");

// The head of every record.
struct rm_journal_record {
  uint32_t bytes;  // of the record with this head, without the padding behind it
  uint8_t kind;  // RM_JOURNAL_*
  uint8_t flags;  // RM_JOURNAL_FLAG_*
  uint8_t code;  // by kind
  uint8_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_record) == 8, "its size is fixed");

// RM_JOURNAL_EVENT and RM_JOURNAL_UNHANDLED.
struct rm_journal_event {
  struct rm_journal_record record;  // its head
  uint32_t peer;  // with position the event's id; 0 = the dispatcher itself
  uint32_t slots;  // that it took in the peer's submission ring; 0 of the dispatcher's own
  uint64_t position;  // in the peer's submission ring; of the dispatcher's own: their number
  int64_t timestamp_ms;  // the event's time
  struct rm_event_head head;  // as in a ring, its timestamp_ns zero; the text (head.text_bytes) follows
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_event) == 88, "its size is fixed");

// RM_JOURNAL_SKIPPED. Behind it: text in UTF-8.
struct rm_journal_skip {
  struct rm_journal_record record;  // its head
  uint32_t peer;  // with position the record's id
  uint32_t slots;  // that it took in the peer's submission ring
  uint64_t position;  // in that ring
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_skip) == 24, "its size is fixed");

// RM_JOURNAL_PEER_ATTACHED. Behind it: its name in UTF-8.
struct rm_journal_peer {
  struct rm_journal_record record;  // its head
  uint32_t peer;  // its number
  uint32_t lane;  // its byte on the attention board
  uint32_t role;  // RM_ROLE_*
  uint32_t uid;  // of its process
  int32_t pid;  // of its process
  uint32_t submission_capacity;  // slots
  uint32_t result_capacity;  // slots
  uint32_t reserved;  // 0
  uint64_t epoch;  // in which it attached
  uint8_t token_hash[RM_JOURNAL_HASH_BYTES];  // SHA-256 of its secret
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer) == 80, "its size is fixed");

// RM_JOURNAL_STARTED. Each start begins an epoch: its number is above those of all before it, and with it the number of
// a transaction is given only once, though a lost tail lets numbers be given again.
struct rm_journal_start {
  struct rm_journal_record record;  // its head
  uint64_t epoch;  // that it begins
  uint32_t peer_numbers_up_to;  // numbers of peers up to it may have been given: none of them is given by a later start
  uint32_t machine;  // version of the controller's rules by which the events behind it, up to the next start, were
      // handled
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_start) == 24, "its size is fixed");

// RM_JOURNAL_PEER_NUMBERS.
struct rm_journal_peer_numbers {
  struct rm_journal_record record;  // its head
  uint32_t up_to;  // as peer_numbers_up_to
  uint32_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer_numbers) == 16, "its size is fixed");

// RM_JOURNAL_SALVAGED. What is between the commit that it names and the one that holds it is lost: a reader that comes
// upon damage there continues here. Numbers of commits, records and transactions that what is lost may have had are not
// given again.
struct rm_journal_salvage {
  struct rm_journal_record record;  // its head
  uint64_t last_commit;  // the last one that could be read; 0 for none
  uint64_t last_transaction;  // numbers up to it may have been given
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_salvage) == 24, "its size is fixed");

// RM_JOURNAL_PEER_REMOVED.
struct rm_journal_peer_removed {
  struct rm_journal_record record;  // its head
  uint32_t peer;  // its number
  uint32_t reserved;  // 0
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_peer_removed) == 16, "its size is fixed");

// RM_JOURNAL_CONFIGURED.
struct rm_journal_configuration {
  struct rm_journal_record record;  // its head
  struct rm_journal_settings settings;  // from here on
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_configuration) == 128, "its size is fixed");

// RM_JOURNAL_TURN.
struct rm_journal_turn {
  struct rm_journal_record record;  // its head
  uint64_t record_number;  // its own
  uint64_t state_hash;  // of the state machine then
  uint64_t last_transaction;  // made by then
  int64_t time_ms;  // the controller's clock then
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_turn) == 40, "its size is fixed");

// Begins a snapshot. Magic, version and checksum stand at these offsets in every version.
struct rm_journal_snapshot_header {
  uint64_t magic;  // RM_JOURNAL_SNAPSHOT_MAGIC
  uint32_t version;  // RM_JOURNAL_SNAPSHOT_VERSION
  uint32_t header_crc;  // CRC32C of this header with zero here
  uint64_t payload_bytes;  // behind the header, up to the end of the file
  uint32_t payload_crc;  // CRC32C
  uint32_t machine;  // version of the rules of the newest start before it
  uint64_t commit;  // the newest that is in it
  uint64_t last_record;  // of that commit
  uint64_t last_transaction;  // made by then
  uint64_t state_hash;  // of the state
  uint64_t segment;  // first commit of the segment that the commit lies in
  uint64_t segment_offset;  // behind the commit
  uint64_t commit_offset;  // of the commit; 0 when it lies in an earlier segment
  int64_t created_ms;  // since 1970
  uint8_t journal_id[RM_JOURNAL_ID_BYTES];  // of the journal, random
  uint8_t commit_hash[RM_JOURNAL_HASH_BYTES];  // of the commit
};
RM_STATIC_ASSERT(sizeof(struct rm_journal_snapshot_header) == 144, "its size is fixed");

#endif
