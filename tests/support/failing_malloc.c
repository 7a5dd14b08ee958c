// One chosen allocation of a program fails: to be preloaded into it, for the C library of GNU.
// TUNNEL_TEST_ALLOCATIONS names a file of three 64-bit numbers that whoever tests and the program
// share: how many allocations until one fails (0: none does), how many there were, how many failed.
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* block, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

struct control {
  _Atomic int64_t countdown;
  _Atomic int64_t count;
  _Atomic int64_t failed;
};

static struct control* control;

__attribute__((constructor)) static void share(void) {
  const char* name = getenv("TUNNEL_TEST_ALLOCATIONS");
  if (name == NULL) return;
  const int file = open(name, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared != MAP_FAILED) control = shared;
}

static int fails(void) {
  if (control == NULL) return 0;
  atomic_fetch_add(&control->count, 1);
  int64_t left = atomic_load(&control->countdown);
  while (left > 0)
    if (atomic_compare_exchange_weak(&control->countdown, &left, left - 1)) {
      if (left > 1) return 0;
      atomic_fetch_add(&control->failed, 1);
      errno = ENOMEM;
      return 1;
    }
  return 0;
}

void* malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void* realloc(void* block, size_t size) { return fails() ? NULL : __libc_realloc(block, size); }
void* memalign(size_t alignment, size_t size) {
  return fails() ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, size_t alignment, size_t size) {
  void* got = memalign(alignment, size);
  if (got == NULL) return ENOMEM;
  *block = got;
  return 0;
}
