import ArgumentParser
import EventModel
import Presentation

/// What a submission says of the job beside its program. What is not given is as in the job's file, or as in any submission.
struct JobOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Tasks. (default: 1)", valueName: "n"))
  var replicas: Int32?

  @Option(help: ArgumentHelp("Processors that each task holds. (default: 1)", valueName: "cpus"))
  var cpu: CPUArgument?

  @Option(
    help: ArgumentHelp(
      "Memory that each task holds, and its limit: 512M, 1.5G. (default: none held, no limit)", valueName: "bytes"))
  var memory: MemoryArgument?

  @Option(
    help: ArgumentHelp(
      "Devices of one kind that each task holds: gpu=2. As often as there are kinds.", valueName: "name=n"))
  var device: [DeviceArgument] = []

  @Option(help: ArgumentHelp("Failures of one task that are retried. (default: 0)", valueName: "n"))
  var maxRetriesFailure: Int32?

  @Option(help: ArgumentHelp("Losses of one task that are retried. (default: 100)", valueName: "n"))
  var maxRetriesPreemption: Int32?

  @Option(help: ArgumentHelp("Tasks that may fail before the job does. (default: 0)", valueName: "n"))
  var maxTaskFailures: Int32?

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

  @Option(help: ArgumentHelp("The longest that it waits. (default: 300s)", valueName: "duration"))
  var retryDelayMax: DurationArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("-100 to 100: what has a higher one is placed first. (default: 0)", valueName: "n"))
  var priority: Int32?

  @Option(
    help: ArgumentHelp(
      "Only workers with this attribute: zone=a. Of one attribute given twice, either value will do.",
      valueName: "key=value"))
  var require: [AttributeArgument] = []

  @Option(help: ArgumentHelp("No workers with this attribute: disk=slow.", valueName: "key=value"))
  var forbid: [AttributeArgument] = []

  @Option(
    help: ArgumentHelp(
      "What to do when there is a job of this name: reject, replace_finished or keep. (default: reject)",
      valueName: "what"))
  var ifExists: IfExists?

  @Option(help: ArgumentHelp("The job whose end ends this one too, unless it succeeded.", valueName: "job"))
  var parent: String?

  @Option(help: ArgumentHelp("Who answers for it.", valueName: "who"))
  var owner: String?

  func validate() throws {
    if memory?.bytes == 0 {
      throw ValidationError("--memory: a task that may use no memory cannot run; leave it out for no limit")
    }
  }

  func change(_ request: inout JobRequest) {
    if let replicas { request.replicas = replicas }
    if let cpu { request.resources.milliCPU = cpu.resources.milliCPU }
    if let memory { request.resources.memoryBytes = memory.bytes }
    var devices = DeviceCounts()
    for device in device { devices[device.name] += device.count }
    for device in devices.all { request.resources.devices[device.name] = device.count }
    if let maxRetriesFailure { request.maxRetriesFailure = maxRetriesFailure }
    if let maxRetriesPreemption { request.maxRetriesPreemption = maxRetriesPreemption }
    if let maxTaskFailures { request.maxTaskFailures = maxTaskFailures }
    if gang { request.coscheduled = true }
    if let schedulingTimeout { request.schedulingTimeoutMs = schedulingTimeout.milliseconds }
    if let runTimeout { request.runTimeoutMs = runTimeout.milliseconds }
    if let retryDelay { request.retryDelayMs = retryDelay.milliseconds }
    if let retryDelayMax { request.retryDelayMaxMs = retryDelayMax.milliseconds }
    if let priority { request.priority = priority }
    for argument in require { request.constraints.require.add(argument.value, of: argument.key) }
    for argument in forbid { request.constraints.forbid.add(argument.value, of: argument.key) }
    if let ifExists { request.ifExists = ifExists }
    if let parent { request.parent = .name(parent) }
    if let owner { request.owner = owner }
  }
}
