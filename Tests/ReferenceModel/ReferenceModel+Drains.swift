import EventModel

/// Workers that get no more tasks. A drain belongs to the name.
extension ReferenceModel {
  mutating func drain(_ reference: WorkerReference, _ reason: String?, _ graceMs: Int64?, _ eventMs: Int64) -> Outcome {
    guard let worker = worker(reference) else { return .rejected(.unknownWorker) }
    drains[ByteText(worker.name)] = ModelDrain(
      worker: worker.name, reason: reason, startedMs: eventMs, graceMs: graceMs == 0 ? nil : graceMs)
    act(.workerDraining, worker.name)
    if graceMs == 0 { cutOff(worker) }
    return .applied
  }

  mutating func resume(_ reference: WorkerReference) -> Outcome {
    let worker = worker(reference)
    let name: String? = if case .name(let name) = reference { name } else { worker?.name }
    guard let name, drains.removeValue(forKey: ByteText(name)) != nil else {
      return worker == nil ? .rejected(.unknownWorker) : .ignored
    }
    act(.workerResumed, name)
    return .applied
  }

  mutating func drainPassed(_ reference: WorkerReference) -> Outcome {
    guard let worker = worker(reference) else { return .rejected(.unknownWorker) }
    guard let endsMs = drains[ByteText(worker.name)]?.endsMs, endsMs <= nowMs else { return .ignored }
    drains[ByteText(worker.name)]?.graceMs = nil
    act(.workerDrainPassed, worker.name)
    cutOff(worker)
    return .applied
  }

  /// Its active tasks wait again, at no charge.
  private mutating func cutOff(_ worker: ModelWorker) {
    let error = ModelText.drained(worker.name, drains[ByteText(worker.name)]?.reason)
    for id in running(on: worker.serial) where task(id).state.isActive {
      leave(id, as: .preempted, to: .pending, error: error, mustStop: true)
      cascade(of: id, .preempted, retries: true)
    }
  }
}
