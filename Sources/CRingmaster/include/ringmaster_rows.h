// ringmaster_rows.h: part of ringmaster.h, which includes it: the rows of a query's answer.
#ifndef RINGMASTER_ROWS_H
#define RINGMASTER_ROWS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Rows of a query's answer: the numbers of one entity, beside its names and, of workers and jobs, its devices.
struct rm_worker_numbers {
  int64_t last_heartbeat_ms;
  int64_t milli_cpu;
  int64_t committed_milli_cpu;
  int64_t memory_bytes;
  int64_t committed_memory_bytes;
  uint32_t running_tasks;
  uint32_t consecutive_failures;
};

struct rm_job_row_numbers {
  int64_t submitted_ms;
  int64_t ended_ms;  // -1 while it has not ended
  int64_t milli_cpu;
  int64_t memory_bytes;
  uint32_t tasks_by_state[11];
  uint8_t state;
  uint8_t coscheduled;
  uint8_t reserved[2];
};

struct rm_task_numbers {
  uint32_t failures;
  uint32_t preemptions;
  uint32_t attempts;
  int32_t exit_code;
  uint8_t state;
  uint8_t has_exit_code;
  uint8_t reserved[2];
};

struct rm_brake_numbers {
  int64_t engaged_ms;
  int32_t silent_workers;   // when it engaged
  int32_t workers;
  int32_t expired_workers;  // since
  uint8_t is_overridden;
  uint8_t reserved[3];
};

// The first row of an explanation; RM_TAG_ZONE, RM_TAG_WORKER_NAME or RM_TAG_MISSING belongs to the obstacle. The row of
// the entity as it is, its newest attempts and the steps follow.
struct rm_explanation_numbers {
  int64_t now_ms;
  uint64_t first_transaction;    // the oldest still in the log; 0 = none
  int64_t scheduling_deadline_ms;  // of a task; -1 = it may wait for ever
  uint32_t obstacle_count;       // workers considered, or members without room
  uint32_t attempts;             // of the task, those that are not sent too
  int32_t failures_used, failures_limit;  // a limit of -1: no task
  int32_t preemptions_used, preemptions_limit;
  int32_t deliveries_used, deliveries_limit;
  uint8_t obstacle;              // RM_OBSTACLE_*
  uint8_t reach;                 // ExplanationReach
  uint8_t is_present;
  uint8_t reserved[5];
};

#define RM_OBSTACLE_NONE 0u
#define RM_OBSTACLE_NO_WORKERS 1u
#define RM_OBSTACLE_NO_CAPACITY 2u
#define RM_OBSTACLE_GANG 3u
#define RM_OBSTACLE_BRAKE 4u
#define RM_OBSTACLE_NOT_CONSIDERED 5u
#define RM_OBSTACLE_POLICY 6u

struct rm_attempt_numbers {
  int64_t started_ms;
  int64_t ended_ms;  // -1 while it has not ended
  uint32_t number;
  int32_t exit_code;
  uint8_t state;
  uint8_t has_exit_code;
  uint8_t reserved[6];
};

// A step of an explanation: an event, with RM_TAG_EVENT, or an action of the event that follows it.
struct rm_step_numbers {
  uint64_t transaction;
  int64_t timestamp_ms;
  uint64_t origin_position;
  uint32_t origin_peer;
  int32_t cause_in_transaction;  // of an action: 1 + the index of the action that led to it; 0 = the event
  uint8_t action;                // ActionKind; 0 = the event
  uint8_t reserved[7];
};

struct rm_dead_letter_numbers {
  uint64_t number;
  int64_t timestamp_ms;
  uint64_t origin_position;
  uint32_t origin_peer;
  uint32_t role;         // of that peer; 0 = the dispatcher itself
  uint32_t retries;
  uint32_t record_bytes; // as it came; RM_TAG_RECORD may hold only the first of them
  uint8_t reason;        // DeadLetterReason
  uint8_t is_abridged;   // RM_TAG_EVENT lacks the lists that make it long
  uint8_t reserved[6];
};

#ifdef __cplusplus
}
#endif

#endif
