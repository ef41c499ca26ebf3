import ArgumentParser
import EventModel
import Platform
import Presentation
import RingmasterClient
import Terminal

/// `ringctl dead-letters`: what nobody could handle.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Lists, shows, retries and drops events that could not be handled.",
    discussion: """
      The dispatcher keeps the newest ones in memory, bounded for each peer and in all: "ringctl status" counts those that \
      were pushed out. Reasons: \(DeadLetterReason.allCases.map(\.name).joined(separator: ", ")).
      """,
    subcommands: [
      DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersRetryCommand.self,
      DeadLettersDropCommand.self,
    ])
}

/// `ringctl dead-letters list`.
struct DeadLettersListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the dead letters, the oldest first.",
    discussion: "--json prints one object a line; timestamp_ms is on the controller's clock.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: "Only those with this reason.")
  var reason: DeadLetterReason?

  @OptionGroup var list: ListLimit

  func run() async throws {
    let client = try connection.attach(.observe, as: "dead-letters")
    var output = ListingStream<DeadLetterView>(
      Listing(isJSON: connection.json), limit: list.limit, json: \.json, table: table)
    try await client.rows(.deadLetters) { page in
      try output.show(
        page.compactMap {
          guard case .deadLetter(let row) = $0, reason == nil || row.reason == reason else { return nil }
          return row
        })
    }
    try output.end(none: "no dead letters")
  }

  private func table(_ letters: [DeadLetterView]) -> TextTable {
    var table = TextTable("LETTER", "AGE", "REASON", "PEER", "EVENT", "RETRIES", "DETAIL")
    for letter in letters {
      table.add(
        TextTable.Cell("\(letter.number)", .bold), TextTable.Cell(CellText.age(sinceMs: letter.timestampMs)),
        TextTable.Cell(letter.reason.name, .yellow), TextTable.Cell(letter.senderText),
        TextTable.Cell(letter.event?.kind.name ?? "-"), TextTable.Cell("\(letter.retries)"),
        TextTable.Cell(letter.detail))
    }
    return table
  }
}

/// `ringctl dead-letters show`.
struct DeadLettersShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a dead letter whole.", discussion: "--json prints one object.")

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "Its number, as \"ringctl dead-letters list\" shows it.")
  var letter: UInt64

  func run() async throws {
    let client = try connection.attach(.observe, as: "dead-letters")
    guard let row = try await client.answer({ try await client.deadLetter(letter, timeout: $0) }) else {
      throw CommandFailure("there is no dead letter \(letter)")
    }
    let lines = connection.json ? [row.json.text] : row.lines(paint: Paint(TerminalCapabilities()))
    for line in lines { try StandardStream.output.writeLine(line) }
  }
}

/// Which letters a command is about.
struct LetterSelection: ParsableArguments {
  @Argument(help: "Their numbers.")
  var letters: [UInt64] = []

  @Flag(help: "All that there are.")
  var all = false

  @Option(
    name: [.customShort("m"), .long], help: ArgumentHelp("Why; the dispatcher logs it.", valueName: "why"))
  var reason: String

  func validate() throws {
    guard all != !letters.isEmpty else {
      throw ValidationError("expected the numbers of letters, or --all")
    }
  }

  func numbers(_ client: RingmasterClient) async throws -> [UInt64] {
    all ? try await client.deadLetters().map(\.number) : letters
  }
}

extension RingmasterClient {
  func deadLetters() async throws -> [DeadLetterView] {
    var letters: [DeadLetterView] = []
    for case .deadLetter(let row) in try await rows(.deadLetters) { letters.append(row) }
    return letters
  }
}

extension DeadLetterReason: ExpressibleByArgument {
  public init?(argument: String) {
    guard let reason = Self.allCases.first(where: { $0.name == argument }) else { return nil }
    self = reason
  }

  public static var allValueStrings: [String] {
    allCases.map(\.name)
  }
}
