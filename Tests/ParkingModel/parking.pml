/* How a dispatcher and its producers put rings and the dispatcher to sleep without losing a wake-up.
 *
 * What the code does stands in RingProducer.consumerIsParked, RingConsumer.announcePark and confirmPark, AttentionBoard
 * and DispatchLoop+Attention; the names here are theirs. Left out on purpose: the dispatcher's look at every ring now and
 * then, which would wake it in the end whatever the protocol did.
 *
 * Memory is that of x86-TSO: each process has a buffer of stores that reach memory later and in order; its loads are done
 * in order and see its own buffered stores first. A fence waits for the buffer. membarrier(2) empties the buffers of the
 * other processes, one after the other, at moments of its choice; their processes go on meanwhile.
 *
 * The dispatcher ends when it has taken every record. If it sleeps on its bell for ever before, spin reports an invalid end
 * state: that is a lost wake-up.
 *
 * Choices: -DFENCE (producers fence for themselves; otherwise membarrier). Mutations, each of which must fail:
 * -DNO_BARRIER, -DNO_RECHECK, -DNO_HAND_RECHECK, -DNO_RAISE_FENCE, -DNO_SLEEP_FENCE.
 */

#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef RECORDS
#define RECORDS 2
#endif

#define DISPATCHER PRODUCERS  /* processes: producers from 0 on, then the dispatcher */
#define PROCESSES (PRODUCERS + 1)
/* Words in shared memory. */
#define PUBLISHED(ring) (ring)                 /* sequences: how many records are in it */
#define PARKED(ring) (PRODUCERS + (ring))      /* the ring's parked word */
#define HAND(ring) (2 * PRODUCERS + (ring))    /* its byte on the attention board */
#define SLEEPING (3 * PRODUCERS)               /* the board's word */
#define WORDS (3 * PRODUCERS + 1)
#define BUFFERED 4  /* stores a buffer holds */

byte memory[WORDS];
chan stores[PROCESSES] = [BUFFERED] of { byte, byte };
byte pending[PROCESSES * WORDS];  /* buffered stores of a process to a word */
byte newest[PROCESSES * WORDS];   /* the value of the newest of them */
bit bell;                         /* the dispatcher's eventfd: the kernel's, so seen by all at once */

inline store(self, word, value) {
  atomic {
    stores[self] ! word, value;
    pending[(self) * WORDS + word]++;
    newest[(self) * WORDS + word] = value
  }
}

inline load(self, word, into) {
  atomic {
    if
    :: pending[(self) * WORDS + word] > 0 -> into = newest[(self) * WORDS + word]
    :: else -> into = memory[word]
    fi
  }
}

inline fence(self) { (len(stores[self]) == 0) }

/* One store of `process` reaches memory. */
inline commit(process) {
  stores[process] ? w, v;
  memory[w] = v;
  pending[(process) * WORDS + w]--;
  w = 0; v = 0
}

proctype StoreBuffer(byte process) {
  byte w, v;
end:
  do
  :: atomic { len(stores[process]) > 0 -> commit(process) }
  od
}

proctype Producer(byte ring) {
  byte record, parked, sleeping;
  for (record : 1 .. RECORDS) {
    store(ring, PUBLISHED(ring), record);          /* tryPublish: the release store of the sequence */
#ifdef FENCE
    fence(ring);                                   /* consumerIsParked(.fence) */
#endif
    load(ring, PARKED(ring), parked);              /* consumerIsParked */
    if
    :: parked ->
      store(ring, HAND(ring), 1);                  /* AttentionBoard.raise */
#ifndef NO_RAISE_FENCE
      fence(ring);
#endif
      load(ring, SLEEPING, sleeping);
      if
      :: sleeping -> bell = 1                      /* Doorbell.ring */
      :: else
      fi
    :: else
    fi
  }
}

proctype Dispatcher() {
  byte next[PRODUCERS];
  bit awake[PRODUCERS];
  bit dozing[PRODUCERS];
  byte ring, other, published, hand, w, v, taken;
  bit mayNap, allSleep, raised;

  for (ring : 0 .. PRODUCERS - 1) { awake[ring] = 1 }

turn:
  /* wakeRaisedRings */
  for (ring : 0 .. PRODUCERS - 1) {
    load(DISPATCHER, HAND(ring), hand);
    if
    :: hand ->
      store(DISPATCHER, HAND(ring), 0);
      if
      :: !awake[ring] -> store(DISPATCHER, PARKED(ring), 0); awake[ring] = 1
      :: else
      fi
    :: else
    fi
  }
  /* drain the rings that are awake, one record each */
  for (ring : 0 .. PRODUCERS - 1) {
    if
    :: awake[ring] ->
      load(DISPATCHER, PUBLISHED(ring), published);
      if
      :: published > next[ring] -> next[ring]++; taken++
      :: else
      fi
    :: else
    fi
  }
  if
  :: taken == PRODUCERS * RECORDS -> goto done
  :: else
  fi;
  /* Another turn, a nap of one ring while the rest go on, or sleep: whichever, at any time. */
  if
  :: goto turn
  :: mayNap = 0
  :: mayNap = 1
  fi;

  /* putToSleep: of all rings, or (restIdleRings) of one */
  if
  :: mayNap -> select (other : 0 .. PRODUCERS - 1)
  :: else
  fi;
  for (ring : 0 .. PRODUCERS - 1) {
    if
    :: awake[ring] && (!mayNap || ring == other) -> store(DISPATCHER, PARKED(ring), 1); dozing[ring] = 1
    :: else
    fi
  }
#ifndef NO_BARRIER
  fence(DISPATCHER);                               /* parkingBarrier */
#ifndef FENCE
  for (ring : 0 .. PRODUCERS - 1) {
    atomic {
      do
      :: len(stores[ring]) > 0 -> commit(ring)
      :: else -> break
      od
    }
  }
#endif
#endif
  allSleep = 1;
  for (ring : 0 .. PRODUCERS - 1) {
    if
    :: dozing[ring] ->
      dozing[ring] = 0;
#ifdef NO_RECHECK
      published = next[ring];
#else
      load(DISPATCHER, PUBLISHED(ring), published);  /* confirmPark */
#endif
      if
      :: published > next[ring] -> store(DISPATCHER, PARKED(ring), 0); allSleep = 0
      :: else -> awake[ring] = 0
      fi
    :: else
    fi
  }
  if
  :: mayNap || !allSleep -> mayNap = 0; other = 0; goto turn
  :: else
  fi;

  /* AttentionBoard.goToSleep */
  store(DISPATCHER, SLEEPING, 1);
#ifndef NO_SLEEP_FENCE
  fence(DISPATCHER);
#endif
  raised = 0;
#ifndef NO_HAND_RECHECK
  for (ring : 0 .. PRODUCERS - 1) {
    load(DISPATCHER, HAND(ring), hand);
    raised = raised || hand
  }
#endif
  if
  :: raised
  :: else -> atomic { bell -> bell = 0 }           /* wait for the doorbell and answer it */
  fi;
  store(DISPATCHER, SLEEPING, 0);                  /* wakeUp */
  goto turn;

done:
  skip
}

init {
  byte process;
  atomic {
    for (process : 0 .. PROCESSES - 1) { run StoreBuffer(process) }
    for (process : 0 .. PRODUCERS - 1) { run Producer(process) }
    run Dispatcher()
  }
}
