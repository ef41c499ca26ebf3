// pidfd.h: processes by names of their own. Functions return 0 or a result on success and -errno on failure.
#ifndef RINGMASTER_PIDFD_H
#define RINGMASTER_PIDFD_H

// A name for a process that is never another's.
int rm_pidfd_open(int pid);
int rm_pidfd_signal(int pidfd, int signal);
int rm_pidfd_queue(int pidfd, int signal, int value);
int rm_pidfd_parent_is(int pidfd, int pid, int parent);  // 1 when it lives and has this parent
void rm_pidfd_reap(int pidfd);  // takes one that ended out of the table if it is a child

#endif
