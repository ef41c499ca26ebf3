import Platform

/// Where a request to stop comes from: the process's signals, or a doorbell when the dispatcher runs inside another
/// program.
public enum StopRequests: Sendable {
  case signals(StopSignals)
  case doorbell(StopDoorbell)

  var descriptor: Int32 {
    switch self {
    case .signals(let source): source.descriptor
    case .doorbell(let source): source.descriptor
    }
  }

  /// Was it really a request?
  func take() -> Bool {
    switch self {
    case .signals(let source): source.take()
    case .doorbell(let source): source.take()
    }
  }
}

/// SIGTERM and SIGINT. Make it before any thread is started.
public final class StopSignals: Sendable {
  private let signals: SignalDescriptor

  public init() throws {
    signals = try SignalDescriptor(SignalDescriptor.termination)
  }

  var descriptor: Int32 {
    signals.descriptor.raw
  }

  func take() -> Bool {
    signals.next() != nil
  }
}

/// Rung by the program that runs the dispatcher.
public final class StopDoorbell: Sendable {
  private let bell: Doorbell

  public init() throws {
    bell = try Doorbell()
  }

  public func stop() {
    bell.ring()
  }

  var descriptor: Int32 {
    bell.descriptor.raw
  }

  func take() -> Bool {
    bell.answer()
    return true
  }
}
