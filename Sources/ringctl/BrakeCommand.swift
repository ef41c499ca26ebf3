import ArgumentParser
import EventModel
import Presentation
import RingmasterClient
import Terminal

/// `ringctl brake`: the mass-failure brake, and an operator's word against it.
struct BrakeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "brake",
    abstract: "Shows the mass-failure brakes, and overrides one.",
    discussion: """
      A brake engages when a large share of a zone is silent at once: its workers are then lost slowly, or not at all \
      while all of them are silent.
      """,
    subcommands: [BrakeStatusCommand.self, BrakeOverrideCommand.self],
    defaultSubcommand: BrakeStatusCommand.self)
}

/// `ringctl brake status`: which brakes are engaged.
struct BrakeStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Lists the engaged brakes.",
    discussion: "--json prints one object a line; engaged_ms is on the controller's clock.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let brakes = try await connection.attach(.observe, as: "brake").brakes()
    try Listing(isJSON: connection.json).show(brakes.map(\.json), table(brakes), none: "no brake is engaged")
  }

  private func table(_ brakes: [ZoneBrake]) -> TextTable {
    var table = TextTable("ZONE", "ENGAGED", "SILENT THEN", "WORKERS THEN", "LOST SINCE", "STATE")
    for brake in brakes {
      table.add(
        TextTable.Cell(brake.zoneText, .bold), TextTable.Cell(CellText.age(sinceMs: brake.engagedMs) + " ago"),
        TextTable.Cell("\(brake.silentWorkers)"), TextTable.Cell("\(brake.workers)"),
        TextTable.Cell("\(brake.expiredWorkers)"),
        brake.isOverridden ? TextTable.Cell("overridden", .dim) : TextTable.Cell("engaged", .yellow))
    }
    return table
  }
}

/// `ringctl brake override`: the silent workers are lost indeed.
struct BrakeOverrideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override",
    abstract: "Says that a zone's silent workers are lost indeed: they expire as fast as ever.",
    discussion: """
      Lasts until the brake is released, and prints the transaction. Ignored when the zone's brake is not engaged or \
      overridden already. Exits 1 without --zone unless exactly one brake is engaged and not overridden. --json prints one \
      object, the transaction.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  @Option(
    help: ArgumentHelp(
      "The zone; empty for the workers of no zone and of small ones. Else the only braked one.", valueName: "zone"))
  var zone: String?

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why; the transaction keeps it.", valueName: "why"))
  var reason: String

  func run() async throws {
    let zone = try await meantZone(try connection.attach(.observe, as: "brake"))
    try await once.show(.brakeOverridden(zone: zone, reason: reason), as: "brake", connection)
  }

  private func meantZone(_ client: RingmasterClient) async throws -> String {
    if let zone { return zone }
    let braked = try await client.brakes().filter { !$0.isOverridden }
    guard let only = braked.first else { throw CommandFailure("no brake is engaged that is not overridden already") }
    guard braked.count == 1 else {
      let names = braked.map(\.zoneText).joined(separator: ", ")
      throw CommandFailure("\(braked.count) brakes are engaged (\(names)): say with --zone which one is meant")
    }
    return only.zone
  }
}

extension RingmasterClient {
  fileprivate func brakes() async throws -> [ZoneBrake] {
    var brakes: [ZoneBrake] = []
    for case .brake(let row) in try await rows(.brakes) { brakes.append(row) }
    return brakes
  }
}

extension ZoneBrake {
  /// The rest of the workers has no zone's name.
  var zoneText: String {
    zone.isEmpty ? "(no zone)" : zone
  }

  var text: String {
    let state = isOverridden ? "overridden" : "engaged"
    return
      "\(state) in \(zoneText) since \(Instant(ms: engagedMs).text), \(silentWorkers) of \(workers) workers silent then,"
      .withoutControls + " \(expiredWorkers) lost since"
  }
}
