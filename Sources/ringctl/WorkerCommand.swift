import ArgumentParser
import EventJSON
import EventModel
import Platform
import Presentation
import RingmasterClient
import Terminal

/// `ringctl worker`: who is registered, and what an operator decides about one of them.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Lists, shows, drains and resumes workers.",
    subcommands: [
      WorkerListCommand.self, WorkerShowCommand.self, WorkerDrainCommand.self, WorkerResumeCommand.self,
    ],
    defaultSubcommand: WorkerListCommand.self,
    aliases: ["workers"])
}

/// `ringctl worker list`: who is registered.
struct WorkerListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the registered workers.",
    discussion: "\(Listing.help) last_heartbeat_ms is on the controller's clock.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Only the worker of this name.", valueName: "name"))
  var worker: String?

  @OptionGroup var list: ListLimit

  func run() async throws {
    let client = try connection.attach(.observe, as: "workers")
    var output = ListingStream<WorkerView>(Listing(isJSON: connection.json), limit: list.limit, json: \.json) {
      .workers($0, heartbeatsAtMs: Clock.wallMs())
    }
    try await client.rows(.workers) { page in
      try output.show(
        page.compactMap {
          guard case .worker(let row) = $0, worker == nil || row.name == worker else { return nil }
          return row
        })
    }
    try output.end(none: worker == nil ? .noWorkers : .noSuchWorkers)
  }
}

/// `ringctl worker show`: one worker and its tasks.
struct WorkerShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows one worker and the tasks that it has.",
    discussion: """
      --json prints one object: the worker as "ringctl worker list" shows it, and its tasks as "ringctl \
      tasks" shows them.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "The worker's name.")
  var name: String

  func run() async throws {
    let client = try connection.attach(.observe, as: "worker")
    var found: WorkerView?
    try await client.rows(.workers) { page in
      for case .worker(let row) in page where row.name == name { found = row }
      return found == nil
    }
    guard let worker = found else {
      throw CommandFailure("no worker \"\(name)\" is registered: \"ringctl worker list\" lists those that are")
    }
    var tasks: [TaskView] = []
    for case .task(let row) in try await client.rows(.tasks) where row.worker?.name == name { tasks.append(row) }
    if connection.json { return try StandardStream.output.writeLine(json(worker, tasks).text) }
    let paint = Paint(TerminalCapabilities())
    for line in lines(worker, paint) { try StandardStream.output.writeLine(line) }
    guard !tasks.isEmpty else { return }
    try StandardStream.output.writeLine("")
    try Listing(isJSON: false).show([], TextTable.tasks(tasks), none: .noTasks)
  }

  private func lines(_ worker: WorkerView, _ paint: Paint) -> [String] {
    var facts = [
      ("worker", worker.name), ("address", worker.address), ("incarnation", worker.incarnation ?? "-"),
      ("last heartbeat", CellText.age(sinceMs: worker.lastHeartbeatMs) + " ago"),
      ("holds", worker.committed.text(of: worker.metadata.capacity)),
      ("tasks", "\(worker.runningCount)" + (worker.stoppingCount > 0 ? ", \(worker.stoppingCount) stopping" : "")),
      ("draining", worker.drainText ?? "no"),
    ]
    facts += worker.metadata.attributes.map { ($0.key, $0.value) }
    let width = facts.map(\.0.count).max() ?? 0
    return facts.map { name, value in
      paint((name + String(repeating: " ", count: width - name.count)).withoutControls, .dim) + "  "
        + value.withoutControls
    }
  }

  private func json(_ worker: WorkerView, _ tasks: [TaskView]) -> JSONValue {
    guard case .object(let members) = worker.json else { return worker.json }
    return .object(members + [JSONValue.Member("tasks", .array(tasks.map(\.json)))])
  }
}

/// `ringctl worker drain`: no new tasks for a worker.
struct WorkerDrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Gives a worker no new tasks, until \"ringctl worker resume\".",
    discussion: """
      Its tasks run on, or end with --grace: 0s cuts them off at once, 10m after ten minutes. They wait for another worker \
      then, and nothing is charged to them. It holds through new starts of the worker. Prints the transaction; --json prints \
      one object.

      "systemctl stop ringmaster-worker" leaves a machine's tasks running. To take the machine away from them first:
      ringctl worker drain NAME --stop-tasks -m "new disk" && systemctl stop ringmaster-worker
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  @Argument(help: "The worker's name.")
  var name: String

  @Option(
    help: ArgumentHelp("How long its tasks may run on: 0s, 30s, 10m; else as long as they like.", valueName: "duration")
  )
  var grace: DurationArgument?

  @Flag(help: "Ends its tasks, at once without --grace, and waits until it has none.")
  var stopTasks = false

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why; \"explain\" shows it.", valueName: "why"))
  var reason: String

  private static let period = Duration.milliseconds(100)

  func run() async throws {
    let graceMs = grace?.milliseconds ?? (stopTasks ? 0 : nil)
    let event = Event.workerDrain(.name(name), reason: reason, graceMs: graceMs)
    try await once.show(event, as: "drain", connection)
    guard stopTasks else { return }
    let client = try connection.attach(.observe, as: "drain")
    var progress = ProgressLine()
    var most = 1
    while case let count = try await taskCount(client), count > 0 {
      most = max(most, count)
      progress.show(1 - Double(count) / Double(most), "\(count) tasks left")
      try await Task.sleep(for: Self.period)
    }
    progress.clear()
  }

  /// What it runs and what it stops.
  private func taskCount(_ client: RingmasterClient) async throws -> Int {
    var worker: WorkerView?
    try await client.rows(.workers) { page in
      for case .worker(let row) in page where row.name == name { worker = row }
      return worker == nil
    }
    guard let worker else {
      throw CommandFailure("the controller has lost worker \(name): its tasks may still run there")
    }
    guard worker.isDraining else { throw CommandFailure("worker \(name) was resumed, and gets tasks again") }
    return Int(worker.runningCount + worker.stoppingCount)
  }
}

/// `ringctl worker resume`: new tasks again.
struct WorkerResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Gives a drained worker tasks again, and prints the transaction.",
    discussion: "--json prints one object, the transaction.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var once: EventOption

  @Argument(help: "The worker's name; it need not be registered now.")
  var name: String

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why; the transaction keeps it.", valueName: "why"))
  var reason: String

  func run() async throws {
    try await once.show(.workerResumed(.name(name), reason: reason), as: "resume", connection)
  }
}

extension WorkerView {
  /// Nil unless it is drained.
  fileprivate var drainText: String? {
    guard isDraining else { return nil }
    let end = drainEndsMs.map { $0 > Clock.wallMs() ? ", its tasks end at \(Instant(ms: $0).text)" : "" } ?? ""
    return "by " + (drainedBy ?? "?") + (drainReason.map { ": \($0)" } ?? "") + end
  }
}
