import ArgumentParser
import EventJSON
import EventModel
import Platform
import RingmasterClient

/// `ringctl dead-letters retry`: once more, with the same event.
struct DeadLettersRetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Handles the events of dead letters once more, and prints what came of them.",
    discussion: """
      Each becomes a new event of this command's, with a transaction of its own. A letter whose event fails again stays, \
      with the new reason. --json prints one object a line: dead_letter, with either result or error. Exits 1 when one of \
      them failed.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var selection: LetterSelection

  func run() async throws {
    let client = try connection.attach(.control, as: "dead-letters")
    var failed = 0
    for number in try await selection.numbers(client) {
      if try await !retry(number, client) { failed += 1 }
    }
    if failed > 0 { throw CommandFailure("nothing came of \(failed) of the dead letters") }
  }

  /// - Returns: whether something came of it.
  private func retry(_ number: UInt64, _ client: RingmasterClient) async throws -> Bool {
    do {
      let result = try await client.retryDeadLetter(number, reason: selection.reason)
      let verdict = Verdict(result: result, isJSON: connection.json)
      try LetterReport(number: number, isJSON: connection.json)
        .show(JSONValue.Member("result", verdict.json), verdict.text + (verdict.refusal.map { ["  " + $0] } ?? []))
      return verdict.refusal == nil
    } catch ClientError.notAnEvent(_, _, let detail) {
      try LetterReport(number: number, isJSON: connection.json)
        .show(JSONValue.Member("error", .string(detail)), ["  " + detail.withoutControls])
      return false
    }
  }
}

/// `ringctl dead-letters drop`: away with them.
struct DeadLettersDropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Removes dead letters.",
    discussion: "--json prints one object a line, the letter that was removed. Exits 1 when there is no such letter.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var selection: LetterSelection

  func run() async throws {
    let client = try connection.attach(.control, as: "dead-letters")
    for number in try await selection.numbers(client) {
      let row = try await client.dropDeadLetter(number, reason: selection.reason)
      try StandardStream.output.writeLine(
        connection.json ? row.json.text : "dropped dead letter \(row.number): \(row.detail.withoutControls)")
    }
  }
}

/// What became of one letter.
private struct LetterReport {
  let number: UInt64
  let isJSON: Bool

  func show(_ member: JSONValue.Member, _ lines: [String]) throws {
    guard !isJSON else {
      let object = JSONValue.object([JSONValue.Member("dead_letter", .integer(number)), member])
      return try StandardStream.output.writeLine(object.text)
    }
    for line in ["dead letter \(number):"] + lines { try StandardStream.output.writeLine(line) }
  }
}
