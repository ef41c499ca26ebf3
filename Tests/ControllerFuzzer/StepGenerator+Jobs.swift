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
    }
    let isRepeated = isHostile() && submissions > 0
    let name = "j\(isRepeated ? random.below(submissions) : submissions)"
    submissions += isRepeated ? 0 : 1
    return .jobSubmitted(name, request: request, timestampMs: requiredTime())
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
