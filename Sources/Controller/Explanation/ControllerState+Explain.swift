import EventModel

/// Why things are as they are, from the state and the transactions that are still in the log.
///
/// Each reads the whole log: `ExplanationSearch` does the same a slice at a time.
extension ControllerState {
  /// A worker's account; nil when neither the state nor the log knows the handle.
  public func explain(worker: WorkerHandle) -> Explanation? {
    explain(.worker(.handle(worker)))
  }

  /// A job's account, with the ends of the tasks that made it what it is; nil when neither the state nor the log knows the
  /// handle.
  public func explain(job: JobHandle) -> Explanation? {
    explain(.job(.handle(job)))
  }

  /// A task's account; nil when neither the state nor the log knows the handle.
  public func explain(task: TaskHandle) -> Explanation? {
    explain(.task(.handle(task)))
  }

  /// The account of what a handle or a name means; nil when neither the state nor the log knows it.
  public func explain(_ target: EntityReference) -> Explanation? {
    var search = ExplanationSearch(target, in: self)
    while search.advance(self, actions: .max) != nil {}
    return search.explanation
  }
}
