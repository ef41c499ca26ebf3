import EventJSON
import Platform

/// What a fleet tells on standard output, one JSON object a line.
enum FleetMilestone {
  /// All workers have their handles; once.
  case registered(workers: Int)
  /// A worker says nothing any more, since this CLOCK_BOOTTIME.
  case killed(worker: String, bootNs: UInt64)
  case heartbeatsStopped(heartbeatsSent: Int, bootNs: UInt64)
  /// A command was not understood.
  case error(message: String)
  case done(FleetTotals)

  var json: JSONValue {
    switch self {
    case .registered(let workers): object("registered", ("workers", .integer(workers)))
    case .killed(let worker, let bootNs):
      object("killed", ("worker", .string(worker)), ("boot_ns", .integer(bootNs)))
    case .heartbeatsStopped(let heartbeatsSent, let bootNs):
      object("heartbeats_stopped", ("heartbeats_sent", .integer(heartbeatsSent)), ("boot_ns", .integer(bootNs)))
    case .error(let message): object("error", ("message", .string(message)))
    case .done(let totals):
      object(
        "done", ("heartbeats_sent", .integer(totals.heartbeatsSent)),
        ("datagrams_sent", .integer(totals.datagramsSent)),
        ("send_failures", .integer(totals.sendFailures)), ("heartbeats_failed", .integer(totals.heartbeatsFailed)),
        ("reports_sent", .integer(totals.reportsSent)), ("kills_obeyed", .integer(totals.killsObeyed)))
    }
  }

  private func object(_ event: String, _ members: (String, JSONValue)...) -> JSONValue {
    .object([.init("event", .string(event))] + members.map { .init($0.0, $0.1) })
  }

  func tell() throws {
    try StandardStream.output.writeLine(json.text)
  }
}

/// What a fleet did.
struct FleetTotals: Hashable, Sendable {
  var heartbeatsSent = 0
  /// Those of registrations too.
  var datagramsSent = 0
  /// Datagrams that the kernel never took, and the heartbeats in them.
  var sendFailures = 0
  var heartbeatsFailed = 0
  var reportsSent = 0
  var killsObeyed = 0
}
