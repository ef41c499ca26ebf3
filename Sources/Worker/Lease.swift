import Platform

/// Until when a worker may let its tasks run without a word from the controller.
///
/// It begins with the moment at which the last answered heartbeat was *sent*: the controller counts its own time from when it
/// came, which is later. CLOCK_BOOTTIME goes on while the machine sleeps.
package struct Lease {
  /// What a controller's time-out is divided into: the lease, the stopping of tasks, and a margin.
  package struct Terms: Equatable {
    package let timeoutMs: Int64
    package let leaseNs: UInt64
    package let stopMs: Int64
    package let heartbeatNs: UInt64

    /// - Parameter timeoutMs: after which the controller gives the worker up.
    package init(timeoutMs: Int64) {
      let timeoutMs = max(timeoutMs, 1)
      self.timeoutMs = timeoutMs
      leaseNs = UInt64(timeoutMs) * 1_000_000 * 2 / 3
      stopMs = timeoutMs / 4
      heartbeatNs = min(UInt64(timeoutMs) * 1_000_000 / 12, 5_000_000_000)
    }

    /// When the fence acts behind the end of a lease: the worker itself has until then.
    package var fenceDelayNs: UInt64 { UInt64(timeoutMs / 24) * 1_000_000 }
    /// How long the fence then gives tasks.
    package var fenceStopMs: Int64 { timeoutMs / 6 }
  }

  /// 0 before the first.
  package private(set) var deadlineNs: UInt64 = 0
  package private(set) var terms = Terms(timeoutMs: Self.usualTimeoutMs)

  private static let usualTimeoutMs: Int64 = 60_000

  package init() {}

  /// What was kept of it, in the same boot of the machine or not.
  init(deadlineNs: UInt64, _ terms: Terms?, nowNs: UInt64) {
    if let terms { self.terms = terms }
    self.deadlineNs = min(deadlineNs, nowNs &+ self.terms.leaseNs)
  }

  /// How long what the worker stops now may take: the controller's time-out counts from the end of a lease, not from now.
  func stopMs(nowNs: UInt64) -> Int64 {
    Self.left(of: terms.stopMs, behindNs: deadlineNs == 0 ? .max : deadlineNs, nowNs: nowNs)
  }

  /// The same for what the fence stops.
  package func fenceStopMs(nowNs: UInt64) -> Int64 {
    Self.left(of: terms.fenceStopMs, behindNs: deadlineNs &+ terms.fenceDelayNs, nowNs: nowNs)
  }

  private static func left(of ms: Int64, behindNs endNs: UInt64, nowNs: UInt64) -> Int64 {
    nowNs > endNs ? max(ms - Int64(clamping: (nowNs - endNs) / 1_000_000), 0) : ms
  }

  /// - Parameter ns: when the controller was heard of.
  mutating func extend(fromNs ns: UInt64) {
    deadlineNs = max(deadlineNs, ns &+ terms.leaseNs)
  }

  /// The controller provably counts no time. Of a lease that has run out nothing is known: it may have counted before.
  mutating func standStill(atNs ns: UInt64) {
    if ns < deadlineNs { extend(fromNs: ns) }
  }

  /// Takes over what the controller gives a worker that is silent, from a moment on at which it was heard of.
  mutating func renew(timeoutMs: Int64, fromNs ns: UInt64) {
    let next = Terms(timeoutMs: timeoutMs)
    guard next != terms else { return extend(fromNs: ns) }
    terms = next
    deadlineNs = ns &+ next.leaseNs
  }
}

/// A lease for the fence and the shims of tasks, which act when the worker cannot: gone after a reboot, as the tasks are.
final class LeaseFile {
  private let file: File
  private let termsPath: String
  private var written: Lease

  /// - Parameter path: is made when it is not there. What it says from before counts on.
  init(path: String) throws {
    termsPath = "\(path).terms"
    guard Folder.fileExists(path) else {
      file = try File.create(path)
      written = Lease()
      return
    }
    file = try File.open(writingTo: path)
    let bytes = try file.contents(atMost: MemoryLayout<UInt64>.size)
    let deadlineNs = bytes.count == 8 ? bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } : 0
    var terms: Lease.Terms?
    if let text = try? TextFile.contents(termsPath, maximumBytes: 32) {
      terms = Int64(String(decoding: text, as: UTF8.self)).map { Lease.Terms(timeoutMs: $0) }
    }
    written = Lease(deadlineNs: deadlineNs, terms, nowNs: Clock.bootNs())
  }

  /// What it says.
  var lease: Lease { written }

  /// No dispatcher counts the time of this worker's silence.
  func standStill(atNs ns: UInt64) throws {
    var lease = written
    lease.standStill(atNs: ns)
    try write(lease)
  }

  /// Who reads between the two writes takes the shorter of both leases.
  func write(_ lease: Lease) throws {
    let isLonger = lease.terms.leaseNs > written.terms.leaseNs
    if isLonger { try write(lease.terms) }
    if lease.deadlineNs != written.deadlineNs {
      _ = try withUnsafeBytes(of: lease.deadlineNs) {
        try File.write($0, .init(start: nil, count: 0), to: file.rawDescriptor, at: 0)
      }
    }
    if !isLonger { try write(lease.terms) }
    written = lease
  }

  private func write(_ terms: Lease.Terms) throws {
    guard terms != written.terms else { return }
    let file = try File.create(termsPath)
    try file.append("\(terms.timeoutMs)")
  }
}
