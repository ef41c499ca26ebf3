import ArgumentParser
import EventJSON
import EventModel
import Platform
import Presentation
import RingmasterClient
import Terminal

/// `ringctl status`: is the dispatcher there, who is attached, what has it counted.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows whether the dispatcher answers, its totals, its peers and its counters.",
    discussion: """
      --json prints one object: alive, round_trip_us, promise (what results stand by: volatile, accepted or durable), \
      journal (last_record, durable_record, out_of_space; null when none is kept), workers, \
      workers_draining, queue_length, attempts_stopping, jobs and tasks (by state), brakes, peers, counters. When the \
      dispatcher does not answer, "ringctl counters" still shows what it counted.
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.attach(.observe, as: "status")
    let clock = ContinuousClock()
    var status = Status()
    let roundTrip = try await clock.measure {
      for case .peer(let row) in try await client.rows(.peers) { status.peers.append(row) }
    }
    status.roundTripUs = roundTrip.components.seconds * 1_000_000 + roundTrip.components.attoseconds / 1_000_000_000_000
    for case .counter(let name, let value) in try await client.rows(.counters) {
      status.counters.append((name, value))
    }
    for case .brake(let row) in try await client.rows(.brakes) { status.brakes.append(row) }
    if connection.json {
      try StandardStream.output.writeLine(status.json.text)
    } else {
      let paint = Paint(TerminalCapabilities())
      for line in status.lines(socket: connection.socket, columns: TerminalSize()?.columns, paint: paint) {
        try StandardStream.output.writeLine(line)
      }
    }
  }
}

/// What a dispatcher says about itself.
private struct Status {
  var roundTripUs: Int64 = 0
  var peers: [PeerView] = []
  var brakes: [ZoneBrake] = []
  var counters: [(name: String, value: UInt64)] = []

  private static let jobPrefix = "jobs_"
  private static let taskPrefix = "tasks_"
  /// A counter of what happened, though it begins like a total.
  private static let requeued = "tasks_requeued"

  private func total(_ name: String) -> UInt64 {
    counters.first { $0.name == name }?.value ?? 0
  }

  private func byState(_ prefix: String) -> [(state: String, count: UInt64)] {
    counters.filter { $0.name.hasPrefix(prefix) && $0.name != Self.requeued }
      .map { (String($0.name.dropFirst(prefix.count)).uppercased(), $0.value) }
  }

  /// What results stand by.
  private var promise: Promise {
    Promise(rawValue: UInt8(truncatingIfNeeded: total("promise"))) ?? .volatile
  }

  private var journal: JSONValue {
    .object([
      JSONValue.Member("last_record", .integer(total("journal_last_record"))),
      JSONValue.Member("durable_record", .integer(total("journal_durable_record"))),
      JSONValue.Member("out_of_space", .boolean(isOutOfSpace)),
    ])
  }

  private var isOutOfSpace: Bool {
    total("journal_out_of_space") != 0
  }

  private func journalLine(_ paint: Paint) -> String {
    if promise == .volatile { return "none: all state ends with the dispatcher; results are volatile" }
    let records = "\(total("journal_durable_record")) of \(total("journal_last_record")) records on the disk"
    if isOutOfSpace { return paint("no space on its disk", .bold, .red) + ": results wait; \(records)" }
    return "results are \(promise.name); \(records)"
  }

  private func some(_ counter: String, _ what: String) -> String {
    total(counter) > 0 ? ", \(total(counter)) \(what)" : ""
  }

  /// What all workers have, or what all tasks hold: `total` or `committed`.
  private func resources(_ which: String) -> Resources {
    func amount(_ name: String) -> Int64 { Int64(clamping: total("\(name)_\(which)")) }
    var resources = Resources(milliCPU: amount("cpu_milli"), memoryBytes: amount("memory_bytes"))
    let prefix = "devices_\(which)."
    // By bytes: a name may begin with what combines with the dot.
    for counter in counters where counter.name.utf8.starts(with: prefix.utf8) {
      let name = String(Substring(counter.name.utf8.dropFirst(prefix.utf8.count)))
      resources.devices[name] = Int64(clamping: counter.value)
    }
    return resources
  }

  var json: JSONValue {
    func object(_ prefix: String) -> JSONValue {
      .object(byState(prefix).map { JSONValue.Member($0.state, .integer($0.count)) })
    }
    return .object(
      [
        JSONValue.Member("alive", .boolean(true)),
        JSONValue.Member("round_trip_us", .integer(roundTripUs)),
        JSONValue.Member("promise", .string(promise.name)),
        JSONValue.Member("journal", promise == .volatile ? .null : journal),
        JSONValue.Member("workers", .integer(total("workers"))),
        JSONValue.Member("workers_draining", .integer(total("workers_draining"))),
      ] + resources("total").members() + resources("committed").members(prefix: "committed_") + [
        JSONValue.Member("queue_length", .integer(total("queue_length"))),
        JSONValue.Member("attempts_stopping", .integer(total("attempts_stopping"))),
        JSONValue.Member("jobs", object(Self.jobPrefix)),
        JSONValue.Member("tasks", object(Self.taskPrefix)),
        JSONValue.Member("brakes", .array(brakes.map(\.json))),
        JSONValue.Member("peers", .array(peers.map(\.json))),
        JSONValue.Member("counters", .object(counters.map { JSONValue.Member($0.name, .integer($0.value)) })),
      ])
  }

  func lines(socket: String, columns: Int?, paint: Paint) -> [String] {
    func summary(_ prefix: String) -> String {
      let present = byState(prefix).filter { $0.count > 0 }
      return present.isEmpty ? "none" : present.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
    }
    var lines = [
      paint("dispatcher alive", .bold, .green) + " at \(socket), answered in \(roundTripUs) µs",
      "workers  \(total("workers"))\(some("workers_draining", "draining")), \(resources("committed").text(of: resources("total"))) committed"
        .withoutControls,
      "jobs     \(summary(Self.jobPrefix))",
      "journal  \(journalLine(paint))",
      "tasks    \(summary(Self.taskPrefix)); \(total("queue_length")) wait for a worker"
        + some("attempts_stopping", "attempts stopping"),
    ]
    lines += brakes.map { paint("brake    ", .bold, .yellow) + $0.text }
    lines.append("")
    var table = TextTable("PEER", "NAME", "ROLE", "RECEIVED", "RING FULL", "SHED", "OVERRUNS")
    for peer in peers {
      table.add(
        TextTable.Cell("\(peer.peer)"), TextTable.Cell(peer.name), TextTable.Cell(Role.name(of: peer.role)),
        TextTable.Cell("\(peer.received)"), TextTable.Cell("\(peer.full)"), TextTable.Cell("\(peer.shed)"),
        TextTable.Cell("\(peer.overruns)"))
    }
    lines += table.lines(maxColumns: columns, paint: paint) + [""]
    var counted = TextTable("COUNTER", "VALUE")
    for counter in counters where counter.value > 0 {
      counted.add(TextTable.Cell(counter.name), TextTable.Cell("\(counter.value)"))
    }
    return lines + counted.lines(maxColumns: columns, paint: paint)
  }
}
