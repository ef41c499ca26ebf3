import EventModel

/// So much of each thing, by the name that `missing` gives it.
public typealias ModelAmounts = [ByteText: Int64]

extension Resources {
  /// Without what there is 0 of.
  public var byName: ModelAmounts {
    var amounts: ModelAmounts = [ByteText("cpu"): milliCPU, ByteText("memory_bytes"): memoryBytes]
    for device in devices.all { amounts[ByteText("devices.\(device.name)")] = device.count }
    return amounts.filter { $0.value != 0 }
  }
}

extension ModelAmounts {
  /// The first thing that a task that asks for these lacks, in the order of the semantics page.
  func lacking(in free: ModelAmounts) -> String? {
    let devices = keys.filter { $0.text.utf8.starts(with: "devices.".utf8) }.sorted { $0.text.precedes($1.text) }
    return ([ByteText("cpu"), ByteText("memory_bytes")] + devices).first { name in
      self[name, default: 0] > 0 && self[name, default: 0] > free[name, default: 0]
    }?.text
  }

  mutating func change(by amounts: ModelAmounts, times sign: Int64) {
    for (name, amount) in amounts { self[name, default: 0] += sign * amount }
  }
}

extension ReferenceModel {
  /// What the tasks on a worker hold, stopping ones too.
  public func committed(on worker: Int) -> ModelAmounts {
    var committed: ModelAmounts = [:]
    for id in holding(on: worker) { committed.change(by: jobs[id.job].request.resources.byName, times: 1) }
    return committed
  }

  func free(on worker: ModelWorker) -> ModelAmounts {
    var free = worker.metadata.capacity.byName
    free.change(by: committed(on: worker.serial), times: -1)
    return free
  }

  /// Has a worker of each required attribute one of the values, and of none of the forbidden ones?
  func meetsConstraints(_ worker: ModelWorker, of job: Int) -> Bool {
    func has(_ entry: AttributeValues.Entry) -> Bool {
      worker.metadata.attributes.contains { attribute in
        attribute.key.isSame(as: entry.attribute) && entry.values.contains { $0.isSame(as: attribute.value) }
      }
    }
    let constraints = jobs[job].request.constraints
    return constraints.require.all.allSatisfy(has) && !constraints.forbid.all.contains(where: has)
  }

  /// Would the cluster have more kinds of devices than it may, with these, and without those of what makes way for them?
  func hasTooManyKinds(with resources: Resources, besides replaced: ModelWorker?) -> Bool {
    let ofWorkers = workers.values.filter { $0.serial != replaced?.serial }.map { $0.metadata.capacity }
    let ofJobs = liveJobs.filter { jobs[$0].end == nil }.map { jobs[$0].request.resources }
    let names = (ofWorkers + ofJobs + [resources]).flatMap(\.devices.all).map { ByteText($0.name) }
    return Set(names).count > Limits.deviceKinds
  }
}
