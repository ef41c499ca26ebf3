import ArgumentParser
import EventJSON
import EventModel
import Platform
import RingmasterClient

/// Says an event once, however often the command is given or the connection is lost.
struct EventOption: ParsableArguments {
  @Option(
    name: .customLong("event"),
    help: ArgumentHelp(
      "A name of yours for what this does, or NAME/INCARNATION/SEQUENCE: given again with it, nothing is done again, and the "
        + "answer is that of the first time.", valueName: "id"))
  var source: EventSource?

  private static let patience = Duration.seconds(10)
  private static let pause = Duration.milliseconds(100)

  /// Publishes an event and awaits what comes of it. When its answer is lost with the connection, it is published once more
  /// over another, as the same event of the same source.
  ///
  /// - Returns: nil when it was said and accepted before, and the dispatcher does not have its transaction any more: that is
  ///   printed.
  func dispatch(
    _ event: Event, as name: String, _ connection: ConnectionOptions
  ) async throws -> (client: RingmasterClient, result: DispatchResult)? {
    let number = String(try Machine.randomKey(), radix: 16)
    let source = source ?? EventSource(name: "\(EventSource.onceMark)ringctl-\(number)", sequence: 1)
    let client = try connection.attach(.control, as: name)
    do {
      return (client, try await client.dispatch(event.said(by: source)))
    } catch ClientError.closed {
      let end = ContinuousClock.now + Self.patience
      while true {
        do {
          let client = try connection.attach(.control, as: name)
          return (client, try await client.dispatch(event.said(by: source)))
        } catch ClientError.notAnEvent(_, reason: .repeated, let detail) {
          try say(detail, source, connection)
          return nil
        } catch {
          let isAway = if case ClientError.closed = error { true } else { error is CommandFailure }
          guard isAway, ContinuousClock.now < end else { throw error }
          try await Task.sleep(for: Self.pause)
        }
      }
    } catch ClientError.notAnEvent(_, reason: .repeated, let detail) {
      try say(detail, source, connection)
      return nil
    }
  }

  private func say(_ detail: String, _ source: EventSource, _ connection: ConnectionOptions) throws {
    let line =
      connection.json
      ? JSONValue.object([.init("repeated", .boolean(true)), .init("detail", .string(detail))]).text
      : "\(detail): \"ringctl history --event \(source)\" shows it".withoutControls
    try StandardStream.output.writeLine(line)
  }

  /// The same, and prints what came of it.
  func show(_ event: Event, as name: String, _ connection: ConnectionOptions) async throws {
    guard let said = try await dispatch(event, as: name, connection) else { return }
    try Verdict(result: said.result, isJSON: connection.json).show()
  }
}

extension EventSource: ExpressibleByArgument {
  public convenience init?(argument: String) { self.init(argument) }
}
