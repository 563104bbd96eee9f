/* The clocks of one process, shifted by what a file says while it runs: for tests of a clock that jumps. To be preloaded.
 *
 * PLIMSOLL_CLOCK names the file: two 64-bit numbers, the seconds that are added to the clock of the day and to the monotonic
 * clock. Deadlines that a thread waits for are given back to the kernel as it counts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shifts;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("PLIMSOLL_CLOCK");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort(); /* a test that believes in another clock than we show must not pass */
  void *memory = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) abort();
  shifts = memory;
}

static int64_t shift_of(clockid_t clock) {
  if (shifts == NULL) return 0;
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return shifts[0];
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      return shifts[1];
    default:
      return 0; /* processor time */
  }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0) time->tv_sec += shift_of(clock);
  return result;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *until) {
  static int (*next)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
  if (next == NULL) next = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
  struct timespec true_until = *until;
  true_until.tv_sec -= shift_of(clock);
  return next(condition, mutex, clock, &true_until);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, until);
}
