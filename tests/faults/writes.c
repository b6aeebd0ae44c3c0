/* Counts what a process writes below one folder, and ends or refuses the n-th such call.
   Loaded before libc (LD_PRELOAD); see tests/faults/writes.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int below_fd(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  return length > 0 && (path[length] = 0, strncmp(path, folder, strlen(folder)) == 0);
}

static int below_path(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

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
  return real(fd, data, count);
}

#define PWRITE(name, offset_type)                                              \
  ssize_t name(int fd, const void *data, size_t count, offset_type offset) {  \
    REAL(name);                                                                \
    int met = mode != OFF && below_fd(fd) ? meet(1) : 0;                       \
    if (met == 1) return -1;                                                   \
    if (met == 2) { real(fd, data, count / 2, offset); die(); }                \
    return real(fd, data, count, offset);                                      \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define BY_FD(name, grows, parameters, arguments)                              \
  int name parameters {                                                        \
    REAL(name);                                                                \
    int met = mode != OFF && below_fd(fd) ? meet(grows) : 0;                   \
    if (met == 2) die();                                                       \
    return met == 1 ? -1 : real arguments;                                     \
  }
BY_FD(fsync, 0, (int fd), (fd))
BY_FD(fdatasync, 0, (int fd), (fd))
BY_FD(ftruncate, 0, (int fd, off_t length), (fd, length))
BY_FD(ftruncate64, 0, (int fd, off64_t length), (fd, length))

int unlink(const char *path) {
  REAL(unlink);
  int met = mode != OFF && below_path(path) ? meet(0) : 0;
  return met == 1 ? -1 : real(path);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  int met = mode != OFF && below_path(to) ? meet(0) : 0;
  return met == 1 ? -1 : real(from, to);
}
