import Platform

/// Until when a worker may let its tasks run without a word from the controller.
///
/// It begins with the moment at which the last answered heartbeat was *sent*: the controller counts its own time from when it
/// came, which is later. CLOCK_BOOTTIME goes on while the machine sleeps. Held in a file too, which the shims of tasks and the fence
/// read: they act when this process cannot.
struct Lease {
  /// What a controller's time-out is divided into: the lease, the stopping of tasks, and a margin.
  struct Terms: Equatable {
    let timeoutMs: Int64
    let leaseNs: UInt64
    let stopMs: Int64
    let heartbeatNs: UInt64

    /// - Parameter timeoutMs: after which the controller gives the worker up.
    init(timeoutMs: Int64) {
      let timeoutMs = max(timeoutMs, 300)
      self.timeoutMs = timeoutMs
      leaseNs = UInt64(timeoutMs) * 1_000_000 * 2 / 3
      stopMs = timeoutMs / 4
      heartbeatNs = min(UInt64(timeoutMs) * 1_000_000 / 12, 5_000_000_000)
    }
  }

  /// 0 before the first.
  private(set) var deadlineNs: UInt64 = 0
  private(set) var terms = Terms(timeoutMs: Self.usualTimeoutMs)
  private let file: Held
  private let termsPath: String

  private static let usualTimeoutMs: Int64 = 60_000

  /// Of this process, for as long as it lasts.
  private final class Held {
    let file: File

    init(_ file: consuming File) {
      self.file = file
    }
  }

  /// - Parameter path: of its file, which is made when it is not there. What it says from before counts on; it is gone after a
  ///   reboot, as the tasks are.
  init(path: String) throws {
    termsPath = "\(path).terms"
    guard Folder.fileExists(path) else {
      file = Held(try File.create(path))
      return
    }
    let file = try File.open(writingTo: path)
    let bytes = try file.contents(atMost: MemoryLayout<UInt64>.size)
    self.file = Held(file)
    let deadlineNs = bytes.count == 8 ? bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } : 0
    if let text = try? TextFile.contents(termsPath, maximumBytes: 32),
      let timeoutMs = Int64(String(decoding: text, as: UTF8.self))
    {
      terms = Terms(timeoutMs: timeoutMs)
    }
    // More than it can be is of another boot.
    self.deadlineNs = deadlineNs <= Clock.bootNs() &+ terms.leaseNs ? deadlineNs : 0
  }

  /// - Parameter ns: when the controller was heard of, or provably counted no time.
  mutating func extend(fromNs ns: UInt64) throws {
    let deadlineNs = ns &+ terms.leaseNs
    if deadlineNs > self.deadlineNs { try set(deadlineNs) }
  }

  private mutating func set(_ deadlineNs: UInt64) throws {
    self.deadlineNs = deadlineNs
    let descriptor = file.file.rawDescriptor
    _ = try withUnsafeBytes(of: deadlineNs) {
      try File.write($0, .init(start: nil, count: 0), to: descriptor, at: 0)
    }
  }

  /// Takes over what the controller gives a worker that is silent, from a moment on at which it was heard of.
  mutating func renew(timeoutMs: Int64, fromNs ns: UInt64) throws {
    let next = Terms(timeoutMs: timeoutMs)
    guard next != terms else { return try extend(fromNs: ns) }
    terms = next
    try set(ns &+ next.leaseNs)
    let file = try File.create(termsPath)
    try file.append("\(timeoutMs)")
  }
}
