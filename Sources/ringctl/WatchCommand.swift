import ArgumentParser
import EventJSON
import EventModel
import Platform
import Presentation
import RingmasterClient
import Terminal

/// `ringctl watch`: every transaction as it happens.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Prints every transaction as it happens, each action under what caused it.",
    discussion: """
      Ends with exit code 0 at SIGINT, SIGTERM, or when nobody reads its output any more, and with 2 when the \
      dispatcher ends. --json prints one object a line: a transaction, or {"overrun":{"from":N,"to":N}} for \
      transactions that this reader was too slow for.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(
    help: ArgumentHelp(
      "Only transactions of this kind of event, such as WORKER_FAILED; may be repeated.", valueName: "kind"))
  var filter: [EventKind] = []

  private static let resultSlots = 1 << 15

  func run() async throws {
    let client = try connection.attach(.observe, as: "watch", resultCapacity: Self.resultSlots)
    let showing = Task { try await show(client) }
    try EndingSignals.handle { showing.cancel() }
    try await client.subscribe(.transactions)
    do {
      try await showing.value
    } catch let error as SystemError where error.meansNoReader {
      // Nobody reads it any more, as with "ringctl watch | head".
    }
    client.close()
  }

  private func show(_ client: RingmasterClient) async throws {
    let paint = Paint(TerminalCapabilities())
    for await message in client.results {
      switch message {
      case .result(let result):
        guard let transaction = result.transaction, isWanted(transaction) else { continue }
        let lines =
          connection.json
          ? [result.json.text] : TransactionText(transaction, paint: paint).lines + result.observationLines
        try StandardStream.output.writeLine(lines.joined(separator: "\n"))
      case .overrun(let from, let to, _): try showOverrun(from: from, to: to, paint)
      case .refused, .row, .queryDone, .heartbeatRefused: break
      }
    }
    guard Task.isCancelled else { throw ClientError.closed(reason: client.closeReason ?? "it ended") }
  }

  private func isWanted(_ transaction: Transaction) -> Bool {
    filter.isEmpty || filter.contains(transaction.event.kind)
  }

  private func showOverrun(from: UInt64, to: UInt64, _ paint: Paint) throws {
    let range = JSONValue.object([JSONValue.Member("from", .integer(from)), JSONValue.Member("to", .integer(to))])
    try StandardStream.output.writeLine(
      connection.json
        ? JSONValue.object([JSONValue.Member("overrun", range)]).text
        : paint("transactions #\(from) to #\(to) were missed: this reader was too slow", .bold, .yellow))
  }
}

extension EventKind: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument.uppercased())
  }

  public static var allValueStrings: [String] {
    allCases.map(\.name)
  }
}
