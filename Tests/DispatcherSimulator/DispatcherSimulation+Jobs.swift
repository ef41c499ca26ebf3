import CRingmaster
import EventCodec
import EventModel
import SeededRandom

/// Jobs that are submitted: what they need, wish for and run.
extension DispatcherSimulation {
  func publishSubmissions() throws {
    guard let peer = sender(), let dispatcher else { return }
    let unfinished = dispatcher.read { Int($0.totals.tasks[.pending]) + Int($0.totals.tasks[.assigned]) }
    guard unfinished < scenario.maximumTasks else { return }
    for _ in 0..<(1 + random.below(scenario.jobsPerStep)) {
      var request = self.request()
      addWishes(to: &request)
      let name = jobName(&request)
      if rules.chance(scenario.programs) { addProgram(to: &request, of: name) }
      guard try publish(.jobSubmitted(name, request: request), by: peer) else { return }
      if !jobs.contains(name) { jobs.append(name) }
      if jobs.count > 400 { jobs.removeFirst(200) }
    }
  }

  private func request() -> JobRequest {
    var request = JobRequest()
    request.replicas = Int32(1 + random.below(scenario.maximumReplicas))
    if random.chance(scenario.largeJobs) { request.replicas = Int32(scenario.maximumReplicas) }
    request.coscheduled = random.chance(scenario.gangs)
    request.resources.milliCPU = [500, 1000, 1000, 4000][random.below(4)]
    if scenario.maximumReplicas == 1 { request.resources.milliCPU = 1000 }
    if request.replicas > 1000 { request.resources.milliCPU = 1000 }
    request.maxRetriesFailure = Int32(random.below(3))
    if random.chance(30) { request.maxRetriesPreemption = Int32(random.below(4)) }
    if random.chance(5) { request.schedulingTimeoutMs = Int64(random.below(20_000)) }
    if random.chance(5), let parent = random.element(of: jobs) { request.parent = .name(parent) }
    request.reason = longText
    if scenario.hasDevices, random.chance(30) {
      request.resources.memoryBytes = Int64(random.below(8)) << 30
      request.resources.devices = ["gpu": Int64(random.below(3)), "nic": Int64(random.below(2))]
    }
    return request
  }

  /// A new one, or one that there was, with what is to become of that.
  private func jobName(_ request: inout JobRequest) -> String {
    jobCount += 1
    guard rules.chance(scenario.wishes), let known = rules.element(of: jobs) else { return "j\(jobCount)" }
    request.ifExists = [.reject, .replaceFinished, .replaceFinished, .keep][rules.below(4)]
    return known
  }

  private func addWishes(to request: inout JobRequest) {
    if rules.chance(scenario.wishes) { request.priority = Int32(rules.below(5)) - 2 }
    if rules.chance(scenario.wishes) { request.constraints = constraints() }
    if rules.chance(scenario.wishes) { request.runTimeoutMs = Int64(rules.below(4000)) }
    if rules.chance(scenario.wishes) { request.maxTaskFailures = Int32(rules.below(3)) }
    if rules.chance(scenario.wishes) {
      request.retryDelayMs = Int64(rules.below(2000))
      if rules.chance(50) { request.retryDelayMaxMs = Int64(rules.below(4000)) }
    }
    if rules.chance(scenario.wishes) { request.owner = "somebody" }
    if rules.chance(5) { (request.submitter, request.submitterUid) = ("somebody else", 7) }
  }

  /// Some that no worker meets.
  private func constraints() -> Constraints {
    var constraints = Constraints()
    if rules.chance(60) {
      constraints.require.add(Self.disks[rules.below(2)], of: "disk")
      if rules.chance(30) { constraints.require.add("tape", of: "disk") }
    }
    if rules.chance(30) { constraints.forbid.add(Self.disks[rules.below(2)], of: "disk") }
    if rules.chance(30) { constraints.forbid.add("z\(rules.below(3))", of: "zone") }
    if rules.chance(5) {
      // Beyond the limit of a request too.
      for number in 0...rules.below(10) {
        constraints.require.add("\(number)" + String(repeating: "x", count: 240), of: "disk")
      }
    }
    return constraints
  }

  static var disks: [String] { ["ssd", "hdd"] }

  private func addProgram(to request: inout JobRequest, of name: String) {
    request.specification = .drawn(&rules)
    switch rules.below(20) {
    case 0: request.specification.lengthen(by: rules.below(Limits.specificationBytes))
    case 1: request.specification.lengthen(by: Limits.specificationBytes - rules.below(200))
    case 2: fillRecord(&request, of: name)
    default: break
    }
  }

  /// As long as a record of the ring is, but for some bytes that may be too few for who submits it.
  private func fillRecord(_ request: inout JobRequest, of name: String) {
    let slots = min(Int(RM_RECORD_MAX_SLOTS), scenario.submissionSlots / 4)
    let limit = slots * Int(RM_SLOT_PAYLOAD)
    if limit > Limits.specificationBytes { request.reason = String(repeating: "x", count: Limits.errorBytes) }
    guard let bytes = RecordSize.bytes(of: .jobSubmitted(name, request: request)) else { return }
    request.specification.lengthen(by: limit - bytes - rules.below(40))
  }
}

extension Specification {
  /// A short one.
  fileprivate static func drawn(_ random: inout SeededGenerator) -> Specification {
    var fields = Fields()
    if random.chance(50) {
      fields.command = ["/bin/sleep"] + (0..<random.below(4)).map { $0 == 2 ? "" : "\($0) caf\u{E9}" }
    } else {
      fields.script = "echo $NAME\n"
    }
    for number in 0..<random.below(4) {
      fields.environment.append(Variable(name: "NAME\(number)", value: number == 1 ? "" : "a=b"))
    }
    if random.chance(30) { fields.workingDirectory = "/tmp" }
    if random.chance(30) { fields.user = "nobody" }
    if random.chance(30) { fields.stopTimeoutMs = Int64(random.below(60_000)) }
    if random.chance(30) { fields.stopSignal = "TERM" }
    if random.chance(30) { fields.tasksMax = Int64(random.below(100) + 1) }
    if random.chance(30) { fields.credentials = ["token"] }
    if random.chance(30) { fields.sandbox = .strict }
    if random.chance(30) { fields.whenCutOff = random.chance(50) ? .stop : .runOn }
    return Specification(fields)
  }

  fileprivate mutating func lengthen(by bytes: Int) {
    guard bytes > 0 else { return }
    let text = String(repeating: "x", count: bytes)
    var fields = fields
    if let script = fields.script {
      fields.script = script + text
    } else {
      fields.command[fields.command.count - 1] += text
    }
    self.fields = fields
  }
}

/// How long records are.
enum RecordSize {
  /// Of an event's, without who submits it; nil when no record holds it.
  static func bytes(of event: Event) -> Int? {
    var writer = RecordWriter()
    guard let record = try? writer.encode(event) else { return nil }
    return Int(RM_SLOT_PAYLOAD) + Int(record.loadUnaligned(as: rm_event_head.self).text_bytes)
  }
}
