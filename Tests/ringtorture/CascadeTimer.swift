import EventBus
import EventModel
import Glibc
import Synchronization

/// Ends the process so many microseconds after a cascade began, if it is still going on then; else in half the time of the
/// next one.
///
/// The state machine has no place of its own to end at: it is pure. So a timer of the kernel ends it from outside, and the
/// middleware before it and the observer behind it tell that it was under way.
final class CascadeTimer: @unchecked Sendable {
  private let timer: timer_t?
  private let note: EndNote
  private let firstCascade: Int
  private var cascades = 0
  private var delayNs: Int
  private static let shortestNs = 2000

  /// - Parameter firstCascade: those before it are let alone; counts from 1.
  init(us: Int, firstCascade: Int, note: EndNote) throws {
    self.note = note
    self.firstCascade = firstCascade
    delayNs = us * 1000
    var event = sigevent()
    event.sigev_notify = Int32(SIGEV_SIGNAL)
    event.sigev_signo = SIGKILL
    var made: timer_t?
    guard timer_create(CLOCK_MONOTONIC, &event, &made) == 0 else {
      throw TortureError("make a timer", code: errno)
    }
    // The first one of a process is nil.
    timer = made
  }

  func begin() {
    cascades += 1
    guard cascades >= firstCascade else { return }
    note.write(.midCascade)
    set(delayNs)
  }

  func end() {
    guard cascades >= firstCascade else { return }
    // One that has gone off ends the process any moment.
    guard set(0) > 0 else { return }
    note.erase()
    delayNs = max(delayNs / 2, Self.shortestNs)
  }

  /// - Returns: the nanoseconds that were left; 0 when it has gone off.
  @discardableResult
  private func set(_ ns: Int) -> Int {
    var setting = itimerspec()
    var before = itimerspec()
    setting.it_value.tv_nsec = ns
    timer_settime(timer, 0, &setting, &before)
    return before.it_value.tv_nsec
  }
}

/// Runs right before the state machine.
struct CascadeBegin: Middleware {
  let name = "cascade-begin"
  let timer: CascadeTimer

  /// Those that take tasks with them.
  var interests: EventKindSet { EventKindSet(.workerFailed, .jobCancelled) }

  func process(_ event: Event) -> Event? {
    timer.begin()
    return event
  }
}

/// Runs right behind it.
struct CascadeEnd: EventObserver {
  let name = "cascade-end"
  let timer: CascadeTimer

  var interests: EventKindSet { EventKindSet(.workerFailed, .jobCancelled) }

  func observe(_ event: Event, _ transaction: Transaction) -> String? {
    timer.end()
    return nil
  }
}
