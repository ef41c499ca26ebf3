/// Every limit of the vocabulary, in one place. Whoever decodes an event enforces them; whoever handles one may rely
/// on them.
public enum Limits {
  /// Bytes of UTF-8 in the name of a worker, job or endpoint, in an incarnation or an address.
  public static let nameBytes = 255
  /// The same of a task: its job's name and `/task-INDEX`.
  public static let taskNameBytes = nameBytes + 16
  /// Bytes of UTF-8 in an error or a reason.
  public static let errorBytes = 4096
  /// The same of what an observer returns or throws on one event.
  public static let observationBytes = errorBytes
  /// Entries of a worker's metadata, and bytes of UTF-8 in a key or value.
  public static let metadataEntries = 32
  public static let metadataBytes = 255
  /// Tasks in one reconciliation report.
  public static let reportedTasks = 1024
  /// Tasks of a job. A request outside this range is answered by a job that has failed, not by a rejection.
  public static let replicas = 1...10_000
  /// Resources are counted in thousandths of a cpu.
  public static let milliCPU: ClosedRange<Int64> = 0...1_000_000_000
  /// Retry budgets.
  public static let retries: ClosedRange<Int32> = 0...1_000_000
  /// Milliseconds since 1970, and spans of them: up to the end of the year 9999, so that sums stay far from overflow.
  public static let timeMs: ClosedRange<Int64> = 0...253_402_300_799_999
  /// Depth of a tree of jobs: a root job has depth 0.
  public static let jobDepth = 64
}
