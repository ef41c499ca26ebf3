import EventModel

/// Why things are as they are, from the state and the transactions that are still in the log.
extension ControllerState {
  /// A worker's account; nil when neither the state nor the log knows the handle.
  public func explain(worker: WorkerHandle) -> Explanation? {
    let view = view(of: worker)
    return explanation(
      .worker(worker), present: view.map { .worker($0) }, subject: view.map { .worker($0.handle, name: $0.name) })
  }

  /// A job's account, with the ends of the tasks that made it what it is; nil when neither the state nor the log knows the
  /// handle.
  public func explain(job: JobHandle) -> Explanation? {
    let view = view(of: job)
    return explanation(
      .job(job, name: view?.name ?? "", state: view?.state), present: view.map { .job($0) },
      subject: view.map { .job($0.handle, name: $0.name) })
  }

  /// A task's account; nil when neither the state nor the log knows the handle.
  public func explain(task: TaskHandle) -> Explanation? {
    guard let slot = tasks.slot(of: task), let view = view(of: task) else {
      return explanation(.task(task), present: nil, subject: nil)
    }
    let row = jobs.rows[jobSlot(ofTask: slot)]
    let budgets = TaskBudgets(
      failures: .init(used: view.failures, limit: row.maxRetriesFailure),
      preemptions: .init(used: view.preemptions, limit: row.maxRetriesPreemption),
      deliveries: .init(used: view.deliveries, limit: configuration.deliveryRetries))
    return explanation(
      .task(task), present: .task(view, budgets, placementObstacle(of: task)), subject: taskSubject(slot))
  }

  private func explanation(
    _ focus: ExplanationChain.Focus, present: Explanation.Present?, subject: Subject?
  ) -> Explanation? {
    var chain = ExplanationChain(focus)
    for transaction in transactionLog.reversed() {
      chain.prepend(transaction)
    }
    guard let subject = subject ?? chain.subject else { return nil }
    return Explanation(
      subject: subject, present: present ?? .gone, steps: chain.steps,
      isComplete: chain.reachesCreation && !chain.isTruncated)
  }
}
