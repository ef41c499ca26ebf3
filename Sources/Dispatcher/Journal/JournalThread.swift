import Journal
import Platform
import Synchronization
import Telemetry

/// The thread that writes the journal.
final class JournalThread: Sendable {
  private struct Guarded: ~Copyable {
    var committer: JournalCommitter?
  }

  private let guarded: Mutex<Guarded>
  private let bell: Doorbell
  private let counters: CounterSet<JournalCounter>?
  private let mustStop = Atomic<Bool>(false)
  private let waker: Doorbell?

  /// - Parameters:
  ///   - committer: nil when no journal is kept.
  ///   - bell: of the dispatch thread, rung after each commit.
  ///   - counters: nil when no journal is kept.
  init(
    _ committer: consuming JournalCommitter?, bell: consuming Doorbell, counters: CounterSet<JournalCounter>?
  ) throws {
    self.counters = counters
    waker = try committer?.waker()
    guarded = Mutex(Guarded(committer: committer))
    self.bell = bell
  }

  /// A thread that runs, to be stopped.
  struct Running: ~Copyable {
    fileprivate let owner: JournalThread
    fileprivate let thread: NamedThread?

    /// Writes what is sealed and ends. Call when the dispatch thread has ended.
    consuming func stop() {
      owner.mustStop.store(true, ordering: .releasing)
      owner.wake()
      thread?.join()
    }
  }

  fileprivate func wake() {
    switch waker {
    case .some(let bell): bell.ring()
    case .none: break
    }
  }

  func start() throws -> Running {
    let isNeeded = guarded.withLock { state in
      switch state.committer {
      case .some: true
      case .none: false
      }
    }
    guard isNeeded else { return Running(owner: self, thread: nil) }
    return Running(owner: self, thread: try NamedThread("rm-journal") { self.run() })
  }

  private func run() {
    guarded.withLock { state in
      state.committer?.run(
        afterTurn: { _, done in
          counters?.publish(done)
          bell.ring()
        }, until: { mustStop.load(ordering: .acquiring) })
    }
  }
}
