import CRingmaster
import DispatcherSettings
import EventRing
import Journal
import Platform
import Telemetry

/// Drives the dispatch loop: turn after turn while there is work, asleep when there is none.
struct DispatchThread: ~Copyable, @unchecked Sendable {
  private var loop: DispatchLoop
  private let bells: DoorbellSet
  private let noticeBell: Doorbell

  /// A turn without anything to do takes less.
  private static let interruptionNs: UInt64 = 5000
  /// Between two tries to write to a client whose ring is full.
  private static let backlogNapUs: Int64 = 2000
  /// A shutdown does not wait longer for peers that go on publishing.
  private static let shutdownNs: UInt64 = 5_000_000_000

  init(loop: consuming DispatchLoop, bells: consuming DoorbellSet, noticeBell: consuming Doorbell) {
    self.loop = loop
    self.bells = bells
    self.noticeBell = noticeBell
  }

  /// Runs until told to shut down and drained.
  mutating func run() {
    var idle = IdleStrategy(loop.configuration)
    var shutdownDeadlineNs: UInt64 = .max
    // When a turn began that had nothing to do and that a pause followed.
    var idleSinceNs: UInt64 = .max
    while true {
      let nowNs = Clock.bootNs()
      if idleSinceNs < nowNs, nowNs &- idleSinceNs > Self.interruptionNs {
        loop.counters[.interruptions].increment()
        loop.counters[.interruptedNs].add(nowNs &- idleSinceNs)
      }
      idleSinceNs = .max
      let worked = loop.turn(nowNs: nowNs)
      // Nothing more can be promised.
      if loop.journal.toldStatus == .failed { return end() }
      if loop.notices.takeUnread() { noticeBell.ring() }
      if loop.isShuttingDown {
        if shutdownDeadlineNs == .max { shutdownDeadlineNs = nowNs &+ Self.shutdownNs }
        if loop.lanes.isDrained && !loop.lanes.hasLeavingPeers || nowNs >= shutdownDeadlineNs { break }
      }
      if loop.wasConfigured {
        loop.wasConfigured = false
        idle = IdleStrategy(loop.configuration)
      }
      if worked {
        idle.reset()
        continue
      }
      switch idle.idle(sharesProcessor: loop.journal.isAwaited) {
      case .paused: if loop.wasIdle { idleSinceNs = nowNs }
      case .yielded: break
      case .park:
        park(nowNs: nowNs)
        idle.reset()
      }
    }
    awaitDurable(untilNs: shutdownDeadlineNs)
    loop.delivery.publishBacklog(&loop.lanes, at: loop.clock)
    end()
  }

  private mutating func end() {
    loop.notices.post(.stopped)
    noticeBell.ring()
  }

  /// What was handled is told before the end, if the disk allows it.
  private mutating func awaitDurable(untilNs deadlineNs: UInt64) {
    while loop.journal.isKept, loop.journal.durable < loop.journal.lastRecord, loop.journal.status == .running,
      Clock.bootNs() < deadlineNs
    {
      _ = Poll.readable(bells.raw, timeoutUs: Self.backlogNapUs)
      bells.answer()
      _ = loop.settleDurable()
    }
  }

  private mutating func park(nowNs: UInt64) {
    guard loop.journal.blockedSinceNs == nil, loop.lanes.waitingForReader.isEmpty else {
      // Rings are waiting and cannot be read: the journal's thread rings when that may have changed; no reader does.
      _ = Poll.readable(bells.raw, timeoutUs: Self.backlogNapUs)
      return bells.answer()
    }
    var napUs = loop.liveness.napUs(nowNs: nowNs)
    if !loop.delivery.backlogged.isEmpty { napUs = min(napUs, Self.backlogNapUs) }
    guard napUs > 0 else { return }
    guard loop.lanes.goToSleep() else { return }
    loop.counters[.parks].increment()
    _ = Poll.readable(bells.raw, timeoutUs: napUs)
    loop.lanes.wakeUp()
    bells.answer()
  }
}

/// Carries the dispatch thread's state to the thread; only that thread touches it.
final class DispatchThreadBox: @unchecked Sendable {
  private var thread: DispatchThread

  init(_ thread: consuming DispatchThread) {
    self.thread = thread
  }

  func run() {
    thread.run()
  }
}

extension IdleStrategy {
  /// The one that a dispatcher is told to use.
  fileprivate init(_ configuration: DispatcherConfiguration) {
    switch configuration.waiting {
    case .park: self.init(spins: configuration.idleSpins, yields: configuration.idleYields)
    case .busySpin, .yield: self.init(configuration.waiting)
    }
  }
}
