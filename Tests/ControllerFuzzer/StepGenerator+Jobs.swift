import Controller
import EventModel

extension StepGenerator {
  mutating func submission(_ state: borrowing ControllerState) -> Event {
    var request = JobRequest()
    request.replicas = replicas()
    request.maxRetriesFailure = Int32(random.below(3))
    if random.chance(60) { request.maxRetriesPreemption = Int32(random.below(3)) }
    if random.chance(40) { request.maxTaskFailures = Int32(random.below(4)) }
    request.coscheduled = random.chance(profile.gangs)
    request.resources.milliCPU = 500 * Int64(random.below(5))
    if random.chance(40) { request.resources.memoryBytes = Int64(random.below(9)) << 28 }
    for device in Self.devices where random.chance(15) { request.resources.devices[device] = Int64(random.below(3)) }
    if random.chance(25) { request.schedulingTimeoutMs = Int64(random.below(8000)) }
    addWishes(to: &request)
    if random.chance(profile.children) { request.parent = job(state) }
    if random.chance(10) { request.owner = "somebody" }
    if random.chance(10) { request.reason = "because" }
    if isHostile() {
      request.maxRetriesFailure = Limits.retries.upperBound
      request.maxTaskFailures = Limits.retries.upperBound
      request.resources.milliCPU = Limits.milliCPU.upperBound
      request.resources.memoryBytes = Limits.memoryBytes.upperBound
      request.resources.devices["kind-\(random.below(30))"] = Limits.deviceCount.upperBound
      request.schedulingTimeoutMs = 0
      request.retryDelayMs = Limits.timeMs.upperBound
      request.priority = random.chance(50) ? Limits.priority.lowerBound : Limits.priority.upperBound
    }
    if random.chance(20) { request.ifExists = random.chance(60) ? .replaceFinished : .keep }
    let name = name(isKnown: isHostile() || request.ifExists != .reject && random.chance(60))
    return .jobSubmitted(name, request: request, timestampMs: requiredTime())
  }

  /// A new one, or one of those that were there already.
  private mutating func name(isKnown: Bool) -> String {
    if random.chance(3) { return accented() }
    if isKnown, submissions > 0 { return "j\(submissions - 1 - random.below(min(submissions, 24)))" }
    defer { submissions += 1 }
    return "j\(submissions)"
  }

  private mutating func addWishes(to request: inout JobRequest) {
    if random.chance(profile.wishes) { request.priority = Int32(random.below(3)) - 1 }
    if random.chance(profile.wishes) {
      for attribute in Self.attributes where random.chance(30) {
        for _ in 0...random.below(2) {
          if random.chance(50) {
            request.constraints.require.add(value(), of: attribute)
          } else {
            request.constraints.forbid.add(value(), of: attribute)
          }
        }
      }
    }
    if random.chance(profile.wishes) { request.runTimeoutMs = Int64(random.below(5000)) }
    if random.chance(profile.wishes) {
      request.retryDelayMs = Int64(random.below(2000))
      if random.chance(50) { request.retryDelayMaxMs = Int64(random.below(4000)) }
    }
    if random.chance(3) { request.specification.command = ["/bin/true", "caf\u{E9}"] }
  }

  private mutating func replicas() -> Int32 {
    if isHostile() {
      return [0, -1, Int32(Limits.replicas.upperBound) + 1, .min, .max][random.below(5)]
    }
    return random.chance(3) ? 9 : Int32(1 + random.below(4))
  }

  mutating func job(_ state: borrowing ControllerState) -> JobReference {
    guard !isHostile(), let view = someJob(state) else { return hostileJob() }
    return reference(to: view)
  }

  /// A job that is there, if there is any: the young are sought first, since they are the ones that are unfinished.
  mutating func someJob(_ state: borrowing ControllerState) -> JobView? {
    if random.chance(4), let view = state.job(named: accented()).flatMap({ state.view(of: $0) }) { return view }
    for _ in 0..<4 where submissions > 0 {
      let name = "j\(submissions - 1 - random.below(min(submissions, 24)))"
      if let view = state.job(named: name).flatMap({ state.view(of: $0) }) { return view }
    }
    return state.nextJob(from: 0)
  }

  mutating func cancellation(_ state: borrowing ControllerState) -> Event {
    .jobCancelled(job(state), reason: "stop \(random.below(3))", timestampMs: time())
  }

  /// Makes room: ends a job, or lets time pass and sweeps out what ended long ago.
  mutating func ending(_ state: borrowing ControllerState) -> Event {
    if random.chance(70) {
      nowMs += 3000
      return .prune(nowMs: nowMs)
    }
    return cancellation(state)
  }
}
