import Platform
import Synchronization

/// What a dispatcher is asked from outside its socket.
enum ControlRequest {
  case stop
  /// Read the configuration anew.
  case reload
}

/// Where such requests come from: the process's signals, or a doorbell when the dispatcher runs inside another program.
public enum ControlRequests: Sendable {
  case signals(ControlSignals)
  case doorbell(ControlDoorbell)

  var descriptor: Int32 {
    switch self {
    case .signals(let source): source.descriptor
    case .doorbell(let source): source.descriptor
    }
  }

  /// Waits for one, and leaves it where it is.
  public func wait(timeoutMs: Int32) {
    _ = Poll.readable([descriptor], timeoutMs: timeoutMs)
  }

  /// The next request; nil when there is none.
  func take() -> ControlRequest? {
    switch self {
    case .signals(let source): source.take()
    case .doorbell(let source): source.take()
    }
  }
}

/// SIGTERM and SIGINT stop; SIGHUP reloads, or stops what has nothing to reload, as when its terminal goes. Make it before
/// any thread is started.
public final class ControlSignals: Sendable {
  private let signals: SignalDescriptor

  public init() throws {
    signals = try SignalDescriptor(SignalDescriptor.termination + [SignalDescriptor.hangUp])
  }

  var descriptor: Int32 {
    signals.descriptor.raw
  }

  func take() -> ControlRequest? {
    signals.next().map { $0 == SignalDescriptor.hangUp ? .reload : .stop }
  }
}

/// Rung by the program that runs the dispatcher.
public final class ControlDoorbell: Sendable {
  private let bell: Doorbell
  private let wantsStop = Atomic(false)
  private let wantsReload = Atomic(false)

  public init() throws {
    bell = try Doorbell()
  }

  public func stop() {
    wantsStop.store(true, ordering: .releasing)
    bell.ring()
  }

  public func reload() {
    wantsReload.store(true, ordering: .releasing)
    bell.ring()
  }

  var descriptor: Int32 {
    bell.descriptor.raw
  }

  func take() -> ControlRequest? {
    bell.answer()
    if wantsReload.exchange(false, ordering: .acquiringAndReleasing) { return .reload }
    return wantsStop.exchange(false, ordering: .acquiringAndReleasing) ? .stop : nil
  }
}
