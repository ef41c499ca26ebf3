import Platform

/// How the journal's writing goes.
public enum JournalStatus: UInt32, Sendable, Hashable {
  case running = 0
  /// The file system is full: nothing more becomes durable, and nothing is lost, until it has space again.
  case outOfSpace = 1
  /// A write or a sync failed: nothing more ever becomes durable by this writer. End the process and recover from what is on
  /// the disk.
  case failed = 2
}
