// task_process.h: the system calls of the process driver. Functions return 0 or a result on success and -errno on failure.
#ifndef RINGMASTER_TASK_PROCESS_H
#define RINGMASTER_TASK_PROCESS_H

#include <stddef.h>
#include <stdint.h>

int rm_task_make_folder(const char *path);  // 0700; -EEXIST when there is one
int rm_task_write_file(const char *path, const void *bytes, size_t count);  // a new one, 0600
int rm_task_is_writable(const char *path);
int rm_task_is_delegated(const char *cgroup);  // is it this user's to divide?
int rm_task_remove_empty_folder(const char *path);

// Starts a program in a session of its own with all signals blocked, no environment, and nothing open but /dev/null.
// Returns the pid; the process is this one's child while this one lives.
int rm_task_spawn(const char *program, const char *folder, const char *start);

// Whom a task runs as: fills in the ids and returns how many groups. -ENOENT: there is no such user; -EPERM: it is another
// than this process's, which is not root.
int rm_task_user(const char *name, uint32_t *uid, uint32_t *gid, uint32_t *groups, size_t room);
int rm_task_is_root(void);

// The record lock on a file: the kernel says who holds it, and drops it when that process ends.
// Fills in the holder, 0 for nobody and -1 for one out of sight, and what the file says; returns how many bytes.
int rm_task_lock_look(const char *path, int *holder, char *content, size_t room);
// Declares that no shim may start any more; -EEXIST when one did, -EAGAIN when one is about to.
int rm_task_lock_void(const char *path);

// Kills all processes in the control group (where there is one) and all whose environment has NAME=VALUE `marker`, but
// not the caller. Returns how many descriptors it filled in: each becomes readable when one of those has ended.
int rm_task_kill_leftovers(const char *cgroup, const char *marker, int *pidfds, size_t room);

// Descriptors to wait for, each with a key; one descriptor that is readable while one of them is.
int rm_task_set_open(void);
int rm_task_set_add(int set, int descriptor, uint64_t key);
void rm_task_set_remove(int set, int descriptor);
int rm_task_set_next(int set, uint64_t *keys, size_t room);  // without waiting; returns how many

// Changes of files.
int rm_task_notices_open(void);
int rm_task_notices_add(int notices, const char *path);  // returns a number for the file
void rm_task_notices_remove(int notices, int file);
// Fills in the numbers of files that were changed, -1 when some were lost. Returns how many, 0 for none more.
int rm_task_notices_next(int notices, int *files, size_t room);

#endif
