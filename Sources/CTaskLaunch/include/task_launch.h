// task_launch.h: what the process driver and its shim, ringmaster-task, say to each other.
//
// All of it lies in the folder of the attempt, so that another worker can go on where one was killed:
//   launch   what to run; read once, when the shim starts
//   lock     held by the shim for its whole life; says how far it came
//   output   of the program
//   stop     "SIGNAL MILLISECONDS\n"; in the place of an earlier one
//   outcome  one line of KEY=VALUE; there once no process of the task is left
#ifndef RINGMASTER_TASK_LAUNCH_H
#define RINGMASTER_TASK_LAUNCH_H

#include <stdint.h>

// The launch file: the mark, then items, the last of them RM_LAUNCH_END. An item is its kind and the bytes of its value,
// 32 bits each in the machine's order, and the value: text without NUL, or a number of 64 bits.
#define RM_LAUNCH_MARK "RMTASK1\n"
#define RM_LAUNCH_MARK_BYTES 8
#define RM_LAUNCH_MAX_BYTES (1 << 20)

enum rm_launch_kind {
  RM_LAUNCH_END = 0,
  RM_LAUNCH_START = 1,  // names this start of the shim among all
  RM_LAUNCH_ID = 2,
  RM_LAUNCH_ARGUMENT = 3,  // the first is the program
  RM_LAUNCH_VARIABLE = 4,  // NAME=value
  RM_LAUNCH_SCRIPT = 5,
  RM_LAUNCH_FOLDER = 6,
  RM_LAUNCH_USER = 7,  // 32 bits each: uid, gid, groups; none: the worker's
  RM_LAUNCH_LEASE = 8,   // path; none: runs on when cut off
  RM_LAUNCH_CGROUP = 9,  // path of the task's own, to be made
  RM_LAUNCH_MEMORY = 32,  // numbers from here on
  RM_LAUNCH_TASKS = 33,
  RM_LAUNCH_MILLICPU = 34,
  RM_LAUNCH_RUN_TIMEOUT_MS = 35,
  RM_LAUNCH_STOP_TIMEOUT_MS = 36,
  RM_LAUNCH_STOP_SIGNAL = 37,
};

// What the lock file says, each in the place of the one before and as long. Empty: no shim had it yet, and the program was
// never started.
#define RM_LOCK_STARTED "started\n"
#define RM_LOCK_RUNNING "running\n"
// Who found it free and empty made it void: a shim that comes late does not start.
#define RM_LOCK_VOID "void\n"
#define RM_LOCK_MAX_BYTES 16

// In the environment of each process of a task.
#define RM_TASK_MARKER "RINGMASTER_ATTEMPT_ID"

// To the shim: look at the stop file. Blocked in it from its first instruction, so it never ends one.
#define RM_WAKE_SIGNAL 10  // SIGUSR1
// To the shim: send the signal that comes as the value to all of the task's processes.
#define RM_SEND_SIGNAL 40  // a real-time signal: those queue

#endif
