/* Counts what a process writes below one folder, ends or refuses the n-th such call, or keeps
   a log of all of them from which tests/faults/power.py makes what a power cut leaves.
   Loaded before libc (LD_PRELOAD); see tests/faults/writes.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { OFF, COUNT, KILL, TEAR, FULL, BROKEN };
static int mode = OFF;
static long at, seen;
static char folder[4096];

void writes_arm(int new_mode, long nth, const char *below) {
  mode = new_mode;
  at = nth;
  seen = 0;
  strncpy(folder, below, sizeof folder - 1);
}

long writes_seen(void) { return seen; }

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, 4095);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

static int below_fd(int fd) {
  char path[4096];
  return path_of(fd, path);
}

static int below_path(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

/* A log of what is written: kind, offset, lengths, path, data. */
static int log_fd = -1;
struct entry { char kind; char rest[7]; long offset; long path_length; long data_length; };

void writes_log(int fd) { log_fd = fd; }

static void note(char kind, const char *path, long offset, const void *data, long length) {
  if (log_fd < 0) return;
  static ssize_t (*put)(int, const void *, size_t);
  if (!put) put = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  struct entry head = {kind, {0}, offset, (long)strlen(path), length};
  long size = (long)sizeof head + head.path_length + length;
  char *all = malloc(size);
  memcpy(all, &head, sizeof head);
  memcpy(all + sizeof head, path, head.path_length);
  if (length) memcpy(all + sizeof head + head.path_length, data, length);
  if (put(log_fd, all, size) != size) abort();
  free(all);
}

static void note_fd(char kind, int fd, long offset, const void *data, long length) {
  char path[4096];
  if (log_fd >= 0 && path_of(fd, path)) note(kind, path, offset, data, length);
}

static long place(int fd) {
  if (log_fd < 0) return 0;
  struct stat told;
  if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &told) ? 0 : told.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

void writes_mark(void) { note('M', "", 0, 0, 0); }

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* 0: go on; 1: refused, errno is set; 2: write half and die */
static int meet(int grows) {
  if (mode == OFF) return 0;
  seen++;
  if (mode == KILL && seen == at) die();
  if (mode == TEAR && seen == at) { if (!grows) die(); return 2; }
  if (mode == FULL && seen >= at && grows) { errno = ENOSPC; return 1; }
  if (mode == BROKEN && seen >= at) { errno = EIO; return 1; }
  return 0;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t count) {
  REAL(write);
  int met = mode != OFF && below_fd(fd) ? meet(1) : 0;
  if (met == 1) return -1;
  if (met == 2) { real(fd, data, count / 2); die(); }
  if (log_fd >= 0 && fd != log_fd) note_fd('W', fd, place(fd), data, count);
  return real(fd, data, count);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) {
  if (log_fd < 0) {
    REAL(sendfile64);
    return real(to, from, offset, count);
  }
  errno = ENOTSUP; /* the caller reads and writes instead, which is logged */
  return -1;
}
ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
  return sendfile64(to, from, (off64_t *)offset, count);
}

#define PWRITE(name, offset_type)                                              \
  ssize_t name(int fd, const void *data, size_t count, offset_type offset) {  \
    REAL(name);                                                                \
    int met = mode != OFF && below_fd(fd) ? meet(1) : 0;                       \
    if (met == 1) return -1;                                                   \
    if (met == 2) { real(fd, data, count / 2, offset); die(); }                \
    note_fd('W', fd, offset, data, count);                                     \
    return real(fd, data, count, offset);                                      \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define BY_FD(name, grows, kind, length, parameters, arguments)                \
  int name parameters {                                                        \
    REAL(name);                                                                \
    int met = mode != OFF && below_fd(fd) ? meet(grows) : 0;                   \
    if (met == 2) die();                                                       \
    if (!met) note_fd(kind, fd, length, 0, 0);                                 \
    return met == 1 ? -1 : real arguments;                                     \
  }
BY_FD(fsync, 0, 'S', 0, (int fd), (fd))
BY_FD(fdatasync, 0, 'S', 0, (int fd), (fd))
BY_FD(ftruncate, 0, 'T', length, (int fd, off_t length), (fd, length))
BY_FD(ftruncate64, 0, 'T', length, (int fd, off64_t length), (fd, length))

int unlink(const char *path) {
  REAL(unlink);
  int met = mode != OFF && below_path(path) ? meet(0) : 0;
  if (!met && below_path(path)) note('U', path, 0, 0, 0);
  return met == 1 ? -1 : real(path);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  int met = mode != OFF && below_path(to) ? meet(0) : 0;
  if (!met && below_path(to)) note('R', from, 0, to, strlen(to));
  return met == 1 ? -1 : real(from, to);
}

int link(const char *from, const char *to) {
  REAL(link);
  int met = mode != OFF && below_path(to) ? meet(0) : 0;
  if (!met && below_path(to)) note('L', from, 0, to, strlen(to));
  return met == 1 ? -1 : real(from, to);
}

#define OPEN(name)                                                             \
  int name(const char *path, int flags, ...) {                                 \
    REAL(name);                                                                \
    va_list more;                                                              \
    va_start(more, flags);                                                     \
    int rights = flags & O_CREAT ? va_arg(more, int) : 0;                      \
    va_end(more);                                                              \
    int fd = real(path, flags, rights);                                        \
    if (fd >= 0 && log_fd >= 0 && flags & (O_CREAT | O_TRUNC))                 \
      note_fd(flags & O_TRUNC ? 'T' : 'O', fd, 0, 0, 0);                       \
    return fd;                                                                 \
  }
OPEN(open)
OPEN(open64)
