import EventCodec
import EventJSON
import EventModel
import Platform
import RingmasterClient
import ServiceManager

/// How the NDJSON ingest runs.
public struct NDJSONIngestOptions: Sendable {
  /// Of the dispatcher's control socket.
  public var socketPath = AttachOptions.defaultSocketPath
  /// Of the peer.
  public var name = "ingest-ndjson"
  /// Events whose results are awaited at a time.
  public var window = 1024
  /// How long to wait for a result, or for room in the ring, before giving up.
  public var answerTimeoutMs = 30_000

  /// Slots. A result of a large job has tens of thousands of actions.
  static let resultCapacity = 1 << 16
  static let submissionCapacity = 4096

  public init() {}
}

/// Publishes one event a line and awaits the result of each.
///
/// The forms are those of `EventJSON`; entities are named by name or by `#` and handle. Times in the text are not used:
/// an event happened when the dispatcher took it in. One thread runs it.
public struct NDJSONIngest: ~Copyable {
  private var attachment: Attachment
  private let signals: SignalDescriptor?
  private var timeoutNs: UInt64
  private var window: ResultWindow
  private var summary = NDJSONSummary()
  private let report: (NDJSONReport) -> Void
  private var watchdog = Watchdog()
  private var turns: UInt64 = 0

  private static let chunkBytes = 1 << 16
  /// How often a wait looks at the clock.
  private static let napMs: Int32 = 100
  private static let fullRingNapUs: Int64 = 1000
  /// How long it reads what has come once it is to stop: a file may have no end.
  private static let drainNs: UInt64 = 500_000_000
  /// How long it waits for the results of that.
  private static let lastResultsNs: UInt64 = 5_000_000_000

  /// Attaches to the dispatcher.
  ///
  /// - Parameter signals: ask it to stop: it publishes what has arrived, and awaits the results, before `run` returns.
  /// - Parameter report: called for each line that is bad or whose event changed nothing for a reason.
  /// - Throws: `SystemError` when nobody listens at the control socket, `ClientError.refused`.
  public init(
    _ options: NDJSONIngestOptions, stoppedBy signals: consuming SignalDescriptor? = nil,
    report: @escaping (NDJSONReport) -> Void
  ) throws {
    let attachOptions = AttachOptions(
      role: .control, name: options.name, submissionCapacity: NDJSONIngestOptions.submissionCapacity,
      resultCapacity: NDJSONIngestOptions.resultCapacity)
    attachment = try Attachment.attach(path: options.socketPath, options: attachOptions)
    timeoutNs = UInt64(options.answerTimeoutMs) * 1_000_000
    window = ResultWindow(capacity: options.window)
    self.signals = signals
    self.report = report
  }

  /// Reads `input` to its end, or until it is to stop, and awaits the last result.
  ///
  /// - Returns: what came of it, also when the dispatcher went away meanwhile.
  /// - Throws: `SystemError` when the input cannot be read.
  public consuming func run(input: borrowing InputSource) throws -> NDJSONSummary {
    do {
      try readAll(input)
      try awaitResults { $0.count == 0 }
    } catch let error as ClientError {
      summary.interruption = "\(error)"
    } catch let error as CodecError {
      summary.interruption = "\(error)"
    }
    for event in window.abandon() { lose(event) }
    return summary
  }

  private mutating func readAll(_ input: borrowing InputSource) throws {
    let decoder = EventJSONDecoder(timestamps: .optional)
    var reader = NDJSONReader<Event> { bytes throws(EventJSONError) in try decoder.event(from: bytes) }
    var polls = pollSet(input)
    while !isToStop() {
      noteTurn()
      try readResults()
      guard attachment.results.park() else { continue }
      polls.wait(timeoutMs: attachment.link.napMs(watchdog.intervalMs ?? -1))
      attachment.results.unpark()
      if polls.isReady(2) || attachment.link.isAway {
        try tend()
        polls = pollSet(input)
      }
      guard polls.isReady(0) else { continue }
      guard let chunk = try input.read(upTo: Self.chunkBytes) else { continue }
      if chunk.isEmpty { break }
      try reader.read(chunk) { try take($0) }
    }
    let startNs = Clock.monotonicNs()
    while summary.wasStopped, Clock.monotonicNs() - startNs < Self.drainNs,
      Poll.readable(input.descriptor, timeoutUs: 0), let chunk = try input.read(upTo: Self.chunkBytes), !chunk.isEmpty
    {
      try reader.read(chunk) { try take($0) }
    }
    try reader.finish { try take($0) }
  }

  private func pollSet(_ input: borrowing InputSource) -> PollSet {
    let signal: Int32 =
      switch signals {
      case .some(let signals): signals.descriptor.raw
      case .none: -1
      }
    return PollSet([input.descriptor, attachment.results.descriptor, attachment.link.descriptor, signal])
  }

  /// Was it asked to? Then it waits no longer than it must for what is under way.
  private mutating func isToStop() -> Bool {
    switch signals {
    case .some(let signals):
      guard !summary.wasStopped, signals.next() != nil else { break }
      summary.wasStopped = true
      timeoutNs = min(timeoutNs, Self.lastResultsNs)
    case .none: break
    }
    return summary.wasStopped
  }

  /// It goes on, though it may wait.
  private mutating func noteTurn() {
    turns &+= 1
    watchdog.tick(turns: turns, status: "\(summary.lines) lines, \(summary.badLines) bad")
  }

  private mutating func take(_ line: NDJSONReader<Event>.Line) throws {
    summary.lines += 1
    switch line.result {
    case .failure(let error): reject(line.number, "\(error)")
    case .success(let event):
      try awaitResults { !$0.isFull }
      guard let position = try publish(event, line: line.number) else { return }
      summary.published += 1
      window.append(.init(position: position, line: line.number, kind: event.kind))
      attachment.submission.flush()
    }
  }

  private mutating func reject(_ line: Int, _ reason: String) {
    summary.badLines += 1
    report(.badLine(line, reason: reason))
  }

  /// - Returns: the event's position; nil when no record holds it.
  private mutating func publish(_ event: Event, line: Int) throws -> UInt64? {
    let deadlineNs = Clock.monotonicNs() + timeoutNs
    while true {
      noteTurn()
      do {
        if let id = try attachment.submission.publish(event, wantsResult: true) { return id.position }
      } catch {
        reject(line, "\(error)")
        return nil
      }
      guard Clock.monotonicNs() < deadlineNs else { throw ClientError.ringFull }
      attachment.submission.flush()
      try readResults()
      if Poll.readable(attachment.link.descriptor, timeoutUs: Self.fullRingNapUs) || attachment.link.isAway {
        try tend()
      }
    }
  }

  /// Reads results until `isDone`, or until none has come for the whole timeout: those awaited then are given up.
  private mutating func awaitResults(until isDone: (borrowing ResultWindow) -> Bool) throws {
    var polls = PollSet([attachment.results.descriptor, attachment.link.descriptor])
    var sinceNs = Clock.monotonicNs()
    while !isDone(window) {
      noteTurn()
      _ = isToStop()
      if try readResults() { sinceNs = Clock.monotonicNs() }
      if isDone(window) { return }
      guard Clock.monotonicNs() - sinceNs < timeoutNs else {
        for event in window.abandon() { lose(event) }
        return
      }
      guard attachment.results.park() else { continue }
      polls.wait(timeoutMs: attachment.link.napMs(Self.napMs))
      attachment.results.unpark()
      if polls.isReady(1) || attachment.link.isAway {
        try tend()
        polls = PollSet([attachment.results.descriptor, attachment.link.descriptor])
      }
    }
  }

  /// - Returns: whether there were any.
  @discardableResult
  private mutating func readResults() throws -> Bool {
    var found = false
    while let message = try attachment.results.next() {
      found = true
      switch message {
      case .result(let result) where result.event.id.peer == attachment.peer:
        take(result.disposition, position: result.event.id.position)
      case .refused(let id, _, let detail) where id.peer == attachment.peer:
        if let event = window.refuse(position: id.position) { reject(event.line, detail) }
      default: break
      }
    }
    return found
  }

  private mutating func take(_ disposition: DispatchResult.Disposition, position: UInt64) {
    let completed = window.complete(position: position)
    for event in completed.lost { lose(event) }
    guard let event = completed.event else { return }
    summary.count(disposition)
    if let line = NDJSONReport(event, disposition) { report(line) }
  }

  private mutating func lose(_ event: ResultWindow.Pending) {
    summary.unanswered += 1
    report(.unanswered(line: event.line, event.kind))
  }

  /// - Throws: `ClientError.closed` when the dispatcher is gone for good, after the results it left.
  private mutating func tend() throws {
    try readResults()
    guard case .lost(let reason) = attachment.tend() else { return }
    try readResults()
    throw ClientError.closed(reason: reason)
  }
}
