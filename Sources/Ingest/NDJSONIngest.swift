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
  /// How long to wait for a result before giving it up.
  public var answerTimeoutMs = 30_000
  /// How long the ring may be full before that is said.
  public var fullRingMs = 1000
  /// What a stop may take: the service manager's time for it, and some to spare.
  public var stopTimeoutMs = 8000
  /// Of that, for the rest of a line.
  public var lineEndMs = 2000

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
  private let timeoutNs: UInt64
  private let fullRingNs: UInt64
  private let stopTimeoutNs: UInt64
  private let lineEndNs: UInt64
  private var window: ResultWindow
  private var summary = NDJSONSummary()
  private let report: (NDJSONReport) -> Void
  private var watchdog = Watchdog()
  private var turns: UInt64 = 0
  /// Readable once it is to stop; -1 from then on.
  private var stop: Int32 = -1
  /// When the stop must be over; nil before it is asked for.
  private var stopDeadlineNs: UInt64?
  private var waitsForRoom = false
  /// Nothing can be published any more.
  private var failure: (any Error)?

  private static let chunkBytes = 1 << 16
  /// How often a wait looks at the clock.
  private static let napMs: Int32 = 100
  private static let fullRingNapUs: Int64 = 1000

  /// Attaches to the dispatcher.
  ///
  /// - Parameter report: called for each line that is bad or whose event changed nothing for a reason.
  /// - Throws: `SystemError` when nobody listens at the control socket, `ClientError.refused`.
  public init(_ options: NDJSONIngestOptions, report: @escaping (NDJSONReport) -> Void) throws {
    let attachOptions = AttachOptions(
      role: .control, name: options.name, submissionCapacity: NDJSONIngestOptions.submissionCapacity,
      resultCapacity: NDJSONIngestOptions.resultCapacity)
    attachment = try Attachment.attach(path: options.socketPath, options: attachOptions)
    timeoutNs = UInt64(options.answerTimeoutMs) * 1_000_000
    fullRingNs = UInt64(options.fullRingMs) * 1_000_000
    stopTimeoutNs = UInt64(options.stopTimeoutMs) * 1_000_000
    lineEndNs = UInt64(options.lineEndMs) * 1_000_000
    window = ResultWindow(capacity: options.window)
    self.report = report
  }

  /// Reads `input` to its end, or until it is to stop, and awaits the last result.
  ///
  /// At a stop all that was read is published, and the rest of the last line read: a pipe does not take it back.
  ///
  /// - Parameter stopDescriptor: readable once it is to stop; stays its owner's. -1 for none.
  /// - Returns: what came of it, also when the dispatcher went away meanwhile.
  /// - Throws: `SystemError` when the input cannot be read.
  public consuming func run(input: borrowing InputSource, stopDescriptor: Int32 = -1) throws -> NDJSONSummary {
    stop = stopDescriptor
    ServiceManager.ready(status: "Attached, reads lines")
    do {
      try readAll(input)
      if let failure {
        summary.interruption = "\(failure)"
      } else {
        try awaitResults { $0.count == 0 }
      }
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
    let mayHaveCommands = !input.isNamedPipe
    var reader = NDJSONReader<Event> { bytes throws(EventJSONError) in
      let event = try decoder.event(from: bytes)
      if !mayHaveCommands, case .jobSubmitted(_, let request) = event.body, request.specification.hasProgram {
        throw EventJSONError(
          .notExternal, field: "request.command",
          expected: "no command and no script of what comes through a pipe, whose writer is not known",
          came: "a job that has one")
      }
      return event
    }
    do {
      try readLines(input, &reader)
    } catch let error as ClientError {
      failure = error
    } catch let error as CodecError {
      failure = error
    }
    if reader.isInLine { try readRestOfLine(input, &reader) }
  }

  /// To the end of the input, a stop, or a failure.
  private mutating func readLines(_ input: borrowing InputSource, _ reader: inout NDJSONReader<Event>) throws {
    var polls = pollSet(input: input.descriptor)
    while failure == nil {
      noteTurn()
      try readResults()
      guard attachment.results.park() else { continue }
      polls.wait(timeoutMs: attachment.link.napMs(watchdog.intervalMs ?? -1))
      attachment.results.unpark()
      noteStop()
      if stopDeadlineNs != nil { return }
      if polls.isReady(1) || attachment.link.isAway {
        try tend()
        polls = pollSet(input: input.descriptor)
      }
      guard polls.isReady(3), let chunk = try input.read(upTo: Self.chunkBytes) else { continue }
      if chunk.isEmpty { return reader.finish { take($0) } }
      reader.read(chunk) { take($0) }
    }
  }

  /// With the input last. What a dispatcher that is away would not get stays in the pipe.
  private func pollSet(input: Int32 = -1) -> PollSet {
    PollSet([
      attachment.results.descriptor, attachment.link.descriptor, stop, attachment.link.isAway ? -1 : input,
    ])
  }

  private mutating func noteStop() {
    guard stopDeadlineNs == nil, stop >= 0, Poll.readable(stop, timeoutUs: 0) else { return }
    stopDeadlineNs = Clock.monotonicNs() + stopTimeoutNs
    stop = -1
    summary.isStopped = true
    ServiceManager.stopping()
  }

  private var isStopOver: Bool {
    stopDeadlineNs.map { Clock.monotonicNs() >= $0 } ?? false
  }

  /// A byte at a time: what is behind the line is the next reader's.
  private mutating func readRestOfLine(_ input: borrowing InputSource, _ reader: inout NDJSONReader<Event>) throws {
    let polls = PollSet([input.descriptor])
    let deadlineNs = Clock.monotonicNs() + lineEndNs
    var bytes = 0
    while reader.isInLine, bytes <= JSONLimits.lineBytes, Clock.monotonicNs() < deadlineNs {
      noteTurn()
      polls.wait(timeoutMs: Self.napMs)
      guard polls.isReady(0), let byte = try input.read(upTo: 1) else { continue }
      if byte.isEmpty { return reader.finish { take($0) } }
      bytes += 1
      reader.read(byte) { take($0) }
    }
    guard reader.isInLine else { return }
    summary.unpublished += 1
    report(.cutShort(line: reader.currentLine))
  }

  /// It goes on, though it may wait.
  private mutating func noteTurn() {
    turns &+= 1
    let wait = waitsForRoom ? "waits for room in its full ring; " : ""
    watchdog.tick(turns: turns, status: "\(wait)\(summary.lines) lines, \(summary.badLines) bad")
  }

  private mutating func take(_ line: NDJSONReader<Event>.Line) {
    summary.lines += 1
    switch line.result {
    case .failure(let error): reject(line.number, "\(error)")
    case .success(let event):
      do {
        if failure == nil { try publish(event, line: line.number) }
      } catch {
        failure = error
      }
      if failure != nil { giveUp(event, line: line.number) }
    }
  }

  private mutating func giveUp(_ event: Event, line: Int) {
    summary.unpublished += 1
    report(.unpublished(line: line, event.kind))
  }

  private mutating func reject(_ line: Int, _ reason: String) {
    summary.badLines += 1
    report(.badLine(line, reason: reason))
  }

  private mutating func publish(_ event: Event, line: Int) throws {
    try awaitResults { !$0.isFull }
    var wait = FullRingWait(limitNs: fullRingNs)
    defer { waitsForRoom = false }
    while true {
      noteTurn()
      do {
        if let id = try attachment.submission.publish(event, wantsResult: true) {
          if let waitedMs = wait.toldMs { report(.ringHasRoom(line: line, afterMs: waitedMs)) }
          summary.published += 1
          window.append(.init(position: id.position, line: line, kind: event.kind))
          return attachment.submission.flush()
        }
      } catch {
        return reject(line, "\(error)")
      }
      if wait.note() {
        waitsForRoom = true
        report(.ringFull(line: line))
      }
      noteStop()
      guard !isStopOver else { throw ClientError.ringFull }
      attachment.submission.flush()
      try readResults()
      if Poll.readable(attachment.link.descriptor, timeoutUs: Self.fullRingNapUs) || attachment.link.isAway {
        try tend()
      }
    }
  }

  /// Reads results until `isDone`, or until none has come for the whole timeout, or the stop must be over: those awaited then are
  /// given up.
  private mutating func awaitResults(until isDone: (borrowing ResultWindow) -> Bool) throws {
    guard !isDone(window) else { return }
    var polls = pollSet()
    var deadlineNs = Clock.monotonicNs() + timeoutNs
    while !isDone(window) {
      noteTurn()
      if try readResults() { deadlineNs = Clock.monotonicNs() + timeoutNs }
      if isDone(window) { return }
      noteStop()
      guard Clock.monotonicNs() < deadlineNs, !isStopOver else {
        for event in window.abandon() { lose(event) }
        return
      }
      if stop < 0 { polls.ignore(2) }
      guard attachment.results.park() else { continue }
      polls.wait(timeoutMs: attachment.link.napMs(Self.napMs))
      attachment.results.unpark()
      if polls.isReady(1) || attachment.link.isAway {
        try tend()
        polls = pollSet()
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
      case .overrun(_, _, let settledBefore):
        for event in window.abandon(before: settledBefore) { lose(event) }
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
