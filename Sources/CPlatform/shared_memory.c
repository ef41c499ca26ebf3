#define _GNU_SOURCE
#include "platform.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

int rm_shm_create(const char *name, uint64_t bytes) {
  int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  // ftruncate alone would leave a full /dev/shm to be found by SIGBUS at the first touch.
  int error = posix_fallocate(fd, 0, (off_t)bytes);
  if (error != 0) {
    close(fd);
    shm_unlink(name);
    return -error;
  }
  return fd;
}

int rm_shm_open(const char *name, int writable) {
  // Anybody may have put it there: no link is followed, and no pipe waited for.
  int fd = shm_open(name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
  return fd < 0 ? -errno : fd;
}

int rm_shm_unlink(const char *name) { return shm_unlink(name) == 0 ? 0 : -errno; }

static struct posix_acl_xattr_entry acl_entry(unsigned tag, unsigned permissions, uint32_t id) {
  return (struct posix_acl_xattr_entry){
      .e_tag = htole16(tag), .e_perm = htole16(permissions), .e_id = htole32(id)};
}

int rm_let_read(int fd, const uint32_t *users, size_t user_count, const uint32_t *groups, size_t group_count) {
  size_t count = 4 + user_count + group_count;
  size_t bytes = sizeof(struct posix_acl_xattr_header) + count * sizeof(struct posix_acl_xattr_entry);
  struct posix_acl_xattr_header *header = malloc(bytes);
  if (header == NULL) return -ENOMEM;
  header->a_version = htole32(POSIX_ACL_XATTR_VERSION);
  struct posix_acl_xattr_entry *next = (void *)(header + 1);
  *next++ = acl_entry(ACL_USER_OBJ, ACL_READ | ACL_WRITE, (uint32_t)ACL_UNDEFINED_ID);
  for (size_t i = 0; i < user_count; i++) *next++ = acl_entry(ACL_USER, ACL_READ, users[i]);
  *next++ = acl_entry(ACL_GROUP_OBJ, 0, (uint32_t)ACL_UNDEFINED_ID);
  for (size_t i = 0; i < group_count; i++) *next++ = acl_entry(ACL_GROUP, ACL_READ, groups[i]);
  *next++ = acl_entry(ACL_MASK, ACL_READ, (uint32_t)ACL_UNDEFINED_ID);
  *next++ = acl_entry(ACL_OTHER, 0, (uint32_t)ACL_UNDEFINED_ID);
  int error = fsetxattr(fd, "system.posix_acl_access", header, bytes, 0) == 0 ? 0 : errno;
  free(header);
  return -error;
}
