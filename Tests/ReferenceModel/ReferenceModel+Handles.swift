import EventModel

/// Handles are the controller's: the model learns them, and that none is ever issued twice.
extension ReferenceModel {
  /// The controller's handle for what an action has just created. What it returns is wrong with that.
  public mutating func learn(_ subject: Subject) -> String? {
    let isNew: Bool
    switch subject {
    case .worker(let handle, let name):
      guard let worker = workers[ByteText(name)] else { return "a handle for worker \(name), which is not registered" }
      workers[ByteText(name)]?.tableIndex = handle.index
      isNew = workerOfHandle.updateValue(worker.serial, forKey: handle.rawValue) == nil
    case .job(let handle, let name):
      guard let job = job(named: name) else { return "a handle for job \(name), which is not there" }
      isNew = jobOfHandle.updateValue(job, forKey: handle.rawValue) == nil
    case .task(let handle, let name, let index):
      guard let job = job(named: name), jobs[job].tasks.indices.contains(Int(index)) else {
        return "a handle for task \(subject), which is not there"
      }
      if index == 0 { jobs[job].tableIndex = handle.index }
      isNew = taskOfHandle.updateValue(ModelTaskID(job: job, index: Int(index)), forKey: handle.rawValue) == nil
    }
    return isNew ? nil : "the handle of \(subject) was issued before"
  }

  func worker(_ reference: WorkerReference) -> ModelWorker? {
    switch reference {
    case .name(let name): workers[ByteText(name)]
    case .handle(let handle):
      workerOfHandle[handle.rawValue].flatMap { serial in workers.values.first { $0.serial == serial } }
    }
  }

  func job(_ reference: JobReference) -> Int? {
    switch reference {
    case .name(let name): job(named: name)
    case .handle(let handle): jobOfHandle[handle.rawValue].flatMap { jobs[$0].isPruned ? nil : $0 }
    }
  }

  func task(_ reference: TaskReference) -> ModelTaskID? {
    switch reference {
    case .name(let text):
      guard let name = TaskName(text), let job = job(named: name.job), jobs[job].tasks.indices.contains(name.index)
      else { return nil }
      return ModelTaskID(job: job, index: name.index)
    case .handle(let handle):
      return taskOfHandle[handle.rawValue].flatMap { jobs[$0.job].isPruned ? nil : $0 }
    }
  }
}
