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
#include "ringmaster_journal_structs.h"

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

// ---------------------------------------------------------------------------------------------------------------------
// Snapshots: `snapshot-<commit, 20 digits>.rms`, the state after that commit. A dispatcher that is stopped writes another
// one, `stopped.rms`, of the end of its journal: with it, a program with other rules begins. The payload is written by the Journal module
// (Snapshot+Encoding.swift says how) and changes with the version.

#define RM_JOURNAL_SNAPSHOT_VERSION 4u

#ifdef __cplusplus
}
#endif
#endif
