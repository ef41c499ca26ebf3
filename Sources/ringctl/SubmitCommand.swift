import ArgumentParser
import EventModel
import Platform
import Presentation
import RingmasterClient

/// `ringctl submit`: asks for a job.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submits a job and prints the transaction it made.",
    discussion: """
      Exits 1 with the reason when the job is refused; with --wait also when it ends otherwise than SUCCEEDED. --json \
      prints one object, the transaction, and with --wait a second one, the job as "ringctl jobs" shows it.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "Of the job.")
  var name: String

  @Option(help: ArgumentHelp("Tasks.", valueName: "n"))
  var replicas: Int32 = 1

  @Option(help: ArgumentHelp("Processors that each task holds.", valueName: "cpus"))
  var cpu = CPUArgument(amount: 1000)

  @Option(help: ArgumentHelp("Memory that each task holds: 512M, 1.5G.", valueName: "bytes"))
  var memory = MemoryArgument(bytes: 0)

  @Option(
    help: ArgumentHelp(
      "Devices of one kind that each task holds: gpu=2. As often as there are kinds.", valueName: "name=n"))
  var device: [DeviceArgument] = []

  @Option(help: ArgumentHelp("Failures of one task that are retried.", valueName: "n"))
  var maxRetriesFailure: Int32 = 0

  @Option(help: ArgumentHelp("Losses of one task that are retried.", valueName: "n"))
  var maxRetriesPreemption: Int32 = 100

  @Option(help: ArgumentHelp("Tasks that may fail before the job does.", valueName: "n"))
  var maxTaskFailures: Int32 = 0

  @Flag(help: "Its tasks live and die together.")
  var gang = false

  @Option(
    help: ArgumentHelp("A task that waits for a worker longer than this ends the job: 30s, 5m.", valueName: "duration"))
  var schedulingTimeout: DurationArgument?

  @Option(help: ArgumentHelp("A task that runs longer has failed, and is not retried.", valueName: "duration"))
  var runTimeout: DurationArgument?

  @Option(
    help: ArgumentHelp(
      "How long a task waits behind its first failure; twice as long behind each more.", valueName: "duration"))
  var retryDelay: DurationArgument?

  @Option(help: ArgumentHelp("The longest that it waits.", valueName: "duration"))
  var retryDelayMax = DurationArgument(milliseconds: 300_000)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("-100 to 100: what has a higher one is placed first.", valueName: "n"))
  var priority: Int32 = 0

  @Option(
    help: ArgumentHelp(
      "Only workers with this attribute: zone=a. Of one attribute given twice, either value will do.",
      valueName: "key=value"))
  var require: [AttributeArgument] = []

  @Option(help: ArgumentHelp("No workers with this attribute: disk=slow.", valueName: "key=value"))
  var forbid: [AttributeArgument] = []

  @Option(
    help: ArgumentHelp(
      "What to do when there is a job of this name: reject, replace_finished or keep; else reject.", valueName: "what"))
  var ifExists: IfExists?

  @OptionGroup(title: "What its workers run") var program: ProgramOptions

  @Option(help: ArgumentHelp("The job whose end ends this one too, unless it succeeded.", valueName: "job"))
  var parent: String?

  @Option(help: ArgumentHelp("Who answers for it.", valueName: "who"))
  var owner: String?

  @Option(name: [.customShort("m"), .long], help: ArgumentHelp("Why it is submitted.", valueName: "why"))
  var reason: String?

  @Flag(help: "Wait until the job has ended.")
  var wait = false

  private static let waitPeriod = Duration.milliseconds(200)

  func run() async throws {
    let request = request(try program.specification())
    let client = try connection.attach(.control, as: "submit")
    let result = try await client.dispatch(Event.jobSubmitted(name, request: request))
    try Verdict(result: result, isJSON: connection.json).show()
    if let actions = result.transaction?.actions, actions.contains(where: { $0.kind == .jobValidationFailed }) {
      throw CommandFailure(
        "job \(name) failed at once: --replicas must be \(Limits.replicas.lowerBound) to \(Limits.replicas.upperBound)")
    }
    if wait, case .job(let job, _) = result.transaction?.subject { try await showEnd(job, client) }
  }

  private func request(_ specification: Specification) -> JobRequest {
    var request = JobRequest()
    request.replicas = replicas
    request.maxRetriesFailure = maxRetriesFailure
    request.maxRetriesPreemption = maxRetriesPreemption
    request.maxTaskFailures = maxTaskFailures
    request.coscheduled = gang
    request.resources = cpu.resources
    request.resources.memoryBytes = memory.bytes
    for device in device { request.resources.devices[device.name] += device.count }
    request.schedulingTimeoutMs = schedulingTimeout?.milliseconds
    request.runTimeoutMs = runTimeout?.milliseconds ?? 0
    request.retryDelayMs = retryDelay?.milliseconds ?? 0
    request.retryDelayMaxMs = retryDelayMax.milliseconds
    request.priority = priority
    for argument in require { request.constraints.require.add(argument.value, of: argument.key) }
    for argument in forbid { request.constraints.forbid.add(argument.value, of: argument.key) }
    request.ifExists = ifExists ?? .reject
    request.specification = specification
    request.parent = parent.map { .name($0) }
    request.owner = owner
    request.reason = reason
    return request
  }

  private func showEnd(_ handle: JobHandle, _ client: RingmasterClient) async throws {
    let job = try await ended(handle, client)
    if connection.json {
      try StandardStream.output.writeLine(job.json.text)
    } else {
      try StandardStream.output.writeLine("job \(name) \(job.state.name)")
    }
    guard job.state == .succeeded else {
      throw CommandFailure("job \(name) ended \(job.state.name)" + (job.error.map { ": \($0)" } ?? ""))
    }
  }

  /// - Parameter handle: its name may be another job's before its end is seen.
  private func ended(_ handle: JobHandle, _ client: RingmasterClient) async throws -> JobView {
    while true {
      var found = false
      for case .job(let row) in try await client.rows(.jobs) where row.handle == handle {
        if row.state.isTerminal { return row }
        found = true
      }
      guard found else { throw CommandFailure("job \(name) is no longer known: it was pruned or replaced") }
      try await Task.sleep(for: Self.waitPeriod)
    }
  }
}
