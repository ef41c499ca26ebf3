// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// Every limit of the vocabulary. Decoders enforce them; code that handles an event may rely on them.
public enum Limits {
  /// Bytes of UTF-8 in the name of a worker, job or endpoint, an incarnation or an address.
  public static let nameBytes = 255
  /// Bytes of UTF-8 in the name of a task: its job's name and /task-INDEX.
  public static let taskNameBytes = 271
  /// Bytes of UTF-8 in an error or a reason.
  public static let errorBytes = 4096
  /// Bytes of UTF-8 in what an observer returns or throws on one event.
  public static let observationBytes = 4096
  /// Bytes of UTF-8 in a key or a value of a worker's metadata.
  public static let metadataBytes = 255
  /// entries of a worker's metadata.
  public static let metadataEntries = 32
  /// Bytes of UTF-8 in the attributes in a worker's row, which has the first of them as far as they fit.
  public static let rowAttributesBytes = 8192
  /// tasks in one reconciliation report.
  public static let reportedTasks = 1024
  /// depth of a tree of jobs: a root job has depth 0.
  public static let jobDepth = 64
  /// tasks of a job; a request outside is answered by a job that has failed.
  public static let replicas: ClosedRange<Int> = 1...10000
  /// thousandths of a cpu.
  public static let milliCPU: ClosedRange<Int64> = 0...1000000000
  /// memory of a worker or a task, up to 1 PiB.
  public static let memoryBytes: ClosedRange<Int64> = 0...1125899906842624
  /// devices of one kind.
  public static let deviceCount: ClosedRange<Int64> = 0...1000000
  /// Bytes of UTF-8 in the name of a kind of device.
  public static let deviceBytes = 63
  /// kinds of devices that the workers and the unfinished jobs of a cluster name together.
  public static let deviceKinds = 12
  /// a retry budget.
  public static let retries: ClosedRange<Int32> = 0...1000000
  /// the priority of a job.
  public static let priority: ClosedRange<Int32> = -100...100
  /// endpoints of a task.
  public static let endpoints = 16
  /// Bytes of UTF-8 in what a job requires and forbids, as a record holds it: of each value the bytes of its attribute
  /// and its own, and 6 more.
  public static let constraintsBytes = 2048
  /// Bytes of UTF-8 in what a job says for its worker alone, as a record holds it: the bytes of all its texts and 4
  /// more for each.
  public static let specificationBytes = 24576
  /// processes and threads of a task.
  public static let tasksMax: ClosedRange<Int64> = 1...1000000
  /// the number of a user.
  public static let uid: ClosedRange<Int64> = -1...4294967295
  /// milliseconds since 1970, and spans of them: up to the end of the year 9999, so that sums stay far from overflow.
  public static let timeMs: ClosedRange<Int64> = 0...253402300799999
  /// an incarnation or a sequence of a source.
  public static let sourceNumber: ClosedRange<Int64> = 0...9007199254740991
  /// events that a source may have unanswered: what is further behind its newest one is held to be said again.
  public static let sourceWindow = 32
  /// what a program used, in its unit: up to what any reader of JSON takes for an integer.
  public static let usage: ClosedRange<Int64> = 1...9007199254740991
}
