import EventModel

/// So much of each thing, by the name that `missing` gives it.
typealias ModelAmounts = [String: Int64]

extension Resources {
  /// Without what there is 0 of.
  var byName: ModelAmounts {
    var amounts = ["cpu": milliCPU, "memory_bytes": memoryBytes]
    for device in devices.all { amounts["devices.\(device.name)"] = device.count }
    return amounts.filter { $0.value != 0 }
  }
}

extension ModelAmounts {
  /// The first thing that a task that asks for these lacks, in the order of the semantics page.
  func lacking(in free: ModelAmounts) -> String? {
    let devices = keys.filter { $0.hasPrefix("devices.") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return (["cpu", "memory_bytes"] + devices).first { self[$0, default: 0] > 0 && self[$0]! > free[$0, default: 0] }
  }

  mutating func change(by amounts: ModelAmounts, times sign: Int64) {
    for (name, amount) in amounts { self[name, default: 0] += sign * amount }
  }
}

extension ReferenceModel {
  /// What the tasks on a worker hold.
  public func committed(on worker: Int) -> [String: Int64] {
    var committed: ModelAmounts = [:]
    for id in running(on: worker) { committed.change(by: jobs[id.job].request.resources.byName, times: 1) }
    return committed
  }

  func free(on worker: ModelWorker) -> ModelAmounts {
    var free = worker.metadata.capacity.byName
    free.change(by: committed(on: worker.serial), times: -1)
    return free
  }

  /// Would the cluster have more kinds of devices than it may?
  func hasTooManyKinds(with resources: Resources) -> Bool {
    let ofWorkers = workers.values.map { $0.metadata.capacity }
    let ofJobs = liveJobs.filter { jobs[$0].end == nil }.map { jobs[$0].request.resources }
    let names = (ofWorkers + ofJobs + [resources]).flatMap(\.devices.all).map { Array($0.name.utf8) }
    return Set(names).count > Limits.deviceKinds
  }
}
