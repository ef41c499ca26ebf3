import Telemetry

/// The dispatcher's counters, in its counter page and in `ringctl status`.
public enum DispatcherCounter: String, CounterLabel {
  case turns
  case eventsReceived = "events_received"
  /// Queries and subscriptions.
  case requestsReceived = "requests_received"
  case eventsApplied = "events_applied"
  case eventsIgnored = "events_ignored"
  case eventsRejected = "events_rejected"
  case eventsDropped = "events_dropped"
  /// Of sources that had said them before.
  case eventsRepeated = "events_repeated"
  case deadLetters = "dead_letters"
  /// At the request of an operator.
  case deadLettersRetried = "dead_letters_retried"
  case deadLettersDropped = "dead_letters_dropped"
  case heartbeatsApplied = "heartbeats_applied"
  /// Of these, those of peers that are workers themselves.
  case heartbeatsOfOwn = "heartbeats_of_own"
  /// Named a worker that is not registered.
  case heartbeatsRefused = "heartbeats_refused"
  case transactions
  case workerFailures = "worker_failures"
  case placements
  case tasksRequeued = "tasks_requeued"
  case resultsPublished = "results_published"
  /// Results that a client's ring had no room for until they left the log.
  case resultOverruns = "result_overruns"
  /// Times a result had to wait because the client's ring was full.
  case resultRingFull = "result_ring_full"
  case recordsMalformed = "records_malformed"
  case peersAttached = "peers_attached"
  case peersDetached = "peers_detached"
  /// Put out because they broke the protocol of their rings.
  case peersQuarantined = "peers_quarantined"
  case parks
  /// Times that the processor was away from the dispatch thread for over 5 µs while that spun without work, and how long
  /// together: the machine's timer, its host, or another thread. Those while it handles something are not seen.
  case interruptions
  case interruptedNs = "interrupted_ns"
  /// How long the journal has made nothing durable although something waits for it; 0 while it lacks space.
  case journalWaitMs = "journal_wait_ms"
}
