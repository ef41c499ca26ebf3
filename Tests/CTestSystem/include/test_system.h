// test_system.h: system calls that tests need and Swift cannot make. Functions return -errno on failure.
#ifndef RINGMASTER_TEST_SYSTEM_H
#define RINGMASTER_TEST_SYSTEM_H

// Stops the thread called `name` of process `pid`, and only that thread, as a debugger does; returns its id. Whatever wants
// it to go on has to end the process: the stop holds until the calling thread ends.
int test_hold_thread(int pid, const char *name);
// Waits until a held thread is gone, on the thread that holds it. 0.
int test_await_end_of_thread(int thread);

// The effective user of the calling thread alone, which connections are made as. 0.
int test_become_user(unsigned uid);

// How many descriptors process `pid` may have: its next ones are below `count`. 0.
int test_limit_descriptors(int pid, unsigned count);

// Makes calls on a descriptor wait, for all who hold its open file description. 0.
int test_make_blocking(int descriptor);

// Tries to write to memory that was shared for reading: by mapping it, writing to it, cutting it short, and by opening it once
// more. 0 when all of that is refused; else which of these was not, counted from 1.
int test_write_shared(int descriptor, long bytes);

#endif
