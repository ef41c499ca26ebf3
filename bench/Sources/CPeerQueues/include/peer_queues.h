// peer_queues.h: other ways to bring 64-byte messages from one process to another, behind one interface, so that each
// does the same work as Ringmaster's ring. Built only with the package trait Compare.
#ifndef PEER_QUEUES_H
#define PEER_QUEUES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A design in the order of the table; those whose headers were absent at build time are not in it.
int pq_design_count(void);
const char *pq_design_name(int design);
// 0 when it holds pointers: then both ends must be threads of one process.
int pq_works_between_processes(int design);
int pq_takes_bursts(int design);
// Waits in the kernel: slower by orders of magnitude, so it is given fewer messages.
int pq_is_kernel_queue(int design);

// Shared memory that one direction needs, 64-byte aligned; 0 when it needs none.
size_t pq_memory_bytes(int design, unsigned capacity);

typedef struct pq_end pq_end;
#define PQ_RECEIVER 0
#define PQ_SENDER 1
// Opens one end. The receiver opens first: it makes what the two share. `path` is a prefix for names in the file system,
// the same at both ends. NULL on failure, with errno.
pq_end *pq_open(int design, int side, void *memory, unsigned capacity, const char *path);
void pq_close(pq_end *end);

// Each returns 0, or errno of a kernel queue that failed.
int pq_send(pq_end *end, uint64_t messages, unsigned burst);
// `sum` of the first words, which count up from 0.
int pq_receive(pq_end *end, uint64_t messages, unsigned burst, uint64_t *sum);
// Sends `rounds` messages, each after the answer to the last; `ticks` gets the time of each round trip.
int pq_ask(pq_end *out, pq_end *in, uint64_t rounds, uint64_t *ticks);
int pq_answer(pq_end *in, pq_end *out, uint64_t rounds);

#ifdef __cplusplus
}
#endif
#endif
