import EventModel

/// From names and handles to rows and back.
extension ControllerState {
  /// The registered worker of this name.
  public func worker(named name: String) -> WorkerHandle? {
    cluster.slot(named: name).map { cluster.handle($0) }
  }

  /// The job of this name, until it is pruned.
  public func job(named name: String) -> JobHandle? {
    jobs.slot(named: name).map { jobs.handle($0) }
  }

  /// The task of this name, until its job is pruned.
  public func task(named name: TaskName) -> TaskHandle? {
    taskSlot(named: name).map { tasks.handle($0) }
  }

  func workerSlot(_ reference: WorkerReference) -> Int? {
    switch reference {
    case .handle(let handle): cluster.slot(of: handle)
    case .name(let name): cluster.slot(named: name)
    }
  }

  func jobSlot(_ reference: JobReference) -> Int? {
    switch reference {
    case .handle(let handle): jobs.slot(of: handle)
    case .name(let name): jobs.slot(named: name)
    }
  }

  func taskSlot(_ reference: TaskReference) -> Int? {
    switch reference {
    case .handle(let handle): tasks.slot(of: handle)
    case .name(let text): TaskName(text).flatMap { taskSlot(named: $0) }
    }
  }

  private func taskSlot(named name: TaskName) -> Int? {
    guard let job = jobs.slot(named: name.job), name.index >= 0, name.index < Int(jobs.rows[job].taskCount) else {
      return nil
    }
    return Int(jobs.rows[job].firstTask) + name.index
  }

  func jobSlot(ofTask task: Int) -> Int {
    Int(tasks.rows[task].job)
  }

  func taskIndex(_ task: Int) -> Int {
    task - Int(jobs.rows[jobSlot(ofTask: task)].firstTask)
  }

  func taskSubject(_ task: Int) -> Subject {
    .task(
      tasks.handle(task), job: jobs.name(jobSlot(ofTask: task)), index: Int32(taskIndex(task)))
  }

  /// The tasks of a worker's running set in table order, which is by job and then by index.
  func runningTasks(of worker: Int) -> [Int] {
    let all = linkedTasks(of: worker)
    return cluster.rows[worker].stoppingCount == 0 ? all : all.filter { tasks.rows[$0].state.isActive }
  }

  /// Is a task active on a worker? A cascade may have taken it away meanwhile.
  func isActive(_ task: Int, on worker: Int) -> Bool {
    tasks.rows[task].worker == UInt32(worker) && tasks.rows[task].state.isActive
  }

  /// Those too whose attempts stop there.
  func linkedTasks(of worker: Int) -> [Int] {
    var slots: [Int] = []
    slots.reserveCapacity(Int(cluster.rows[worker].runningCount + cluster.rows[worker].stoppingCount))
    var task = cluster.rows[worker].firstRunning
    while task != noSlot {
      slots.append(Int(task))
      task = tasks.rows[Int(task)].nextOnWorker
    }
    slots.sort()
    return slots
  }
}
