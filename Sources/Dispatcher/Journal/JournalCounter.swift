import Journal
import Telemetry

/// The journal thread's counters.
public enum JournalCounter: String, CounterLabel {
  case commits = "journal_commits"
  case records = "journal_records"
  /// Of commits, with their headers and padding.
  case bytes = "journal_bytes"
  case segments = "journal_segments"
  /// Commits that waited for space on the disk.
  case spaceWaits = "journal_space_waits"
  /// From the first byte written to the return of the sync.
  case lastCommitNs = "journal_last_commit_ns"
  case maximumCommitNs = "journal_maximum_commit_ns"
  case totalCommitNs = "journal_total_commit_ns"
}

extension CounterSet<JournalCounter> {
  func publish(_ counters: JournalCounters) {
    self[.commits].set(counters.commits)
    self[.records].set(counters.records)
    self[.bytes].set(counters.bytes)
    self[.segments].set(counters.segments)
    self[.spaceWaits].set(counters.spaceWaits)
    self[.lastCommitNs].set(counters.lastCommitNs)
    self[.maximumCommitNs].set(counters.maximumCommitNs)
    self[.totalCommitNs].set(counters.totalCommitNs)
  }
}
