#pragma once
#include <stdint.h>

/// Heap allocations that the calling thread has made since it started: malloc, calloc, realloc and the aligned ones.
/// Linking this target puts it in front of the C library's allocator for the whole process. Always 0 under a sanitizer,
/// which needs that place for itself.
uint64_t allocation_count_of_this_thread(void);
