/* What mbedTLS uses of POSIX threads (IEEE Std 1003.1), over Windows' slim locks: zig's MinGW has no winpthreads. */
#ifndef TUNNEL_WINDOWS_PTHREAD_H
#define TUNNEL_WINDOWS_PTHREAD_H

#include <windows.h>

typedef SRWLOCK pthread_mutex_t;
typedef CONDITION_VARIABLE pthread_cond_t;
#define PTHREAD_MUTEX_INITIALIZER SRWLOCK_INIT

static inline int pthread_mutex_init(pthread_mutex_t *mutex, const void *attributes) {
  (void) attributes;
  InitializeSRWLock(mutex);
  return 0;
}
static inline int pthread_mutex_destroy(pthread_mutex_t *mutex) {
  (void) mutex;
  return 0;
}
static inline int pthread_mutex_lock(pthread_mutex_t *mutex) {
  AcquireSRWLockExclusive(mutex);
  return 0;
}
static inline int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  ReleaseSRWLockExclusive(mutex);
  return 0;
}

static inline int pthread_cond_init(pthread_cond_t *condition, const void *attributes) {
  (void) attributes;
  InitializeConditionVariable(condition);
  return 0;
}
static inline int pthread_cond_destroy(pthread_cond_t *condition) {
  (void) condition;
  return 0;
}
static inline int pthread_cond_signal(pthread_cond_t *condition) {
  WakeConditionVariable(condition);
  return 0;
}
static inline int pthread_cond_broadcast(pthread_cond_t *condition) {
  WakeAllConditionVariable(condition);
  return 0;
}
static inline int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  return SleepConditionVariableSRW(condition, mutex, INFINITE, 0) ? 0 : 22; /* EINVAL */
}

#endif
