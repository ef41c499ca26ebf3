#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "task_process.h"

int rm_task_user(const char *name, uint32_t *uid, uint32_t *gid, uint32_t *groups, size_t room) {
  char buffer[16384];
  struct passwd entry, *found = NULL;
  int error = getpwnam_r(name, &entry, buffer, sizeof buffer, &found);
  if (found == NULL) {
    // These mean no more than that there is none.
    int is_unknown = error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
    return is_unknown ? -ENOENT : -error;
  }
  *uid = entry.pw_uid;
  *gid = entry.pw_gid;
  if (geteuid() != 0) return entry.pw_uid == geteuid() ? 0 : -EPERM;
  int count = (int)room;
  _Static_assert(sizeof(gid_t) == sizeof *groups, "as the kernel has it");
  return getgrouplist(name, entry.pw_gid, groups, &count) >= 0 ? count : -E2BIG;
}

int rm_task_is_root(void) { return geteuid() == 0; }
