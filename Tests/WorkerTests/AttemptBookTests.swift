import EventModel
import Platform
import Testing

@testable import Worker

/// What a worker does with what it is told and what it finds.
@Suite struct AttemptBookTests {
  private static let cluster = String(repeating: "a", count: 32)
  private static let other = String(repeating: "b", count: 32)

  private func id(_ task: UInt64 = 7, attempt: UInt32 = 0, cluster: String = cluster, ms: Int64 = 1000) -> AttemptID {
    AttemptID(cluster: cluster, task: TaskHandle(rawValue: task), attempt: attempt, assignedMs: ms)
  }

  private func row(
    _ state: TaskState = .assigned, task: UInt64 = 7, attempt: Int = 0, isStopping: Bool = false, ms: Int64 = 1000
  ) -> TaskView {
    TaskView(
      handle: TaskHandle(rawValue: task), job: JobHandle(rawValue: 3), name: TaskName(job: "j", index: 0), state: state,
      error: nil, exitCode: nil, failures: 0, preemptions: 0, deliveries: 0, isStopping: isStopping,
      attemptCount: attempt + 1, assignedMs: ms, worker: WorkerIdentity(handle: WorkerHandle(rawValue: 1), name: "w"))
  }

  private func attached() -> AttemptBook {
    var book = AttemptBook()
    book.attached(to: Self.cluster)
    return book
  }

  /// A book with an attempt whose process runs.
  private func running(_ stop: AttemptBook.StopWay = .init()) -> AttemptBook {
    var book = attached()
    book.want(row())
    book.starting(id(), stop)
    book.note(id(), .running)
    _ = book.takeOrders()
    return book
  }

  private func report(_ state: TaskState, _ outcome: TaskOutcome) -> Event.Body {
    .taskStateChanged(
      TaskReport(
        task: .handle(id().task), attempt: 0, state: state, error: outcome.error, exitCode: outcome.exitCode,
        endReason: outcome.reason))
  }

  private func stopped(_ outcome: TaskOutcome, task: UInt64 = 7) -> Event.Body {
    .taskStopped(
      TaskStop(
        task: .handle(TaskHandle(rawValue: task)), attempt: 0, error: outcome.error, exitCode: outcome.exitCode,
        endReason: outcome.reason))
  }

  @Test func anAssignmentIsFetchedStartedReportedAndReleased() {
    var book = attached()
    book.want(row())
    #expect(book.takeOrders() == [.fetch(JobHandle(rawValue: 3))])
    #expect(book.waiting(for: JobHandle(rawValue: 3)).map(\.id) == [id()])
    book.starting(id(), .init())
    book.note(id(), .running)
    #expect(
      book.takeOrders() == [
        .tell(.taskStateChanged(TaskReport(task: .handle(id().task), attempt: 0, state: .running)))
      ])
    let outcome = TaskOutcome(.exited, exitCode: 0)
    book.note(id(), .ended(outcome))
    #expect(book.takeOrders() == [.keep(id(), outcome), .report(id(), report(.succeeded, outcome))])
    book.reporting(id())
    book.answered(id())
    #expect(book.takeOrders() == [.release(id())])
    #expect(book.entries.isEmpty)
  }

  @Test func theSameAssignmentTwiceIsStartedOnce() {
    var book = attached()
    book.want(row())
    book.starting(id(), .init())
    _ = book.takeOrders()
    book.want(row())
    #expect(book.takeOrders().isEmpty)
    book.note(id(), .ended(TaskOutcome(.exited, exitCode: 1)))
    _ = book.takeOrders()
    book.want(row())
    #expect(book.takeOrders().isEmpty)
  }

  @Test(arguments: [
    (EndReason.exited, 0 as Int32?, TaskState.succeeded), (.exited, 3, .failed), (.signal, nil, .failed),
    (.oom, nil, .failed),
    (.timeout, nil, .failed), (.startFailed, nil, .failed), (.refused, nil, .workerFailed),
    (.fenced, nil, .workerFailed), (.unknown, nil, .workerFailed), (.stopped, nil, .killed),
  ])
  func theReasonDecidesWhatIsCharged(reason: EndReason, code: Int32?, state: TaskState) {
    var book = running()
    let outcome = TaskOutcome(reason, exitCode: code)
    book.note(id(), .ended(outcome))
    #expect(book.takeOrders().last == .report(id(), report(state, outcome)))
  }

  @Test func whatRanAndLeftNothingIsNeverStarted() {
    var book = attached()
    book.want(row(.running))
    let outcome = TaskOutcome(.unknown, error: "nothing is left of it on its worker")
    #expect(book.takeOrders() == [.tell(report(.workerFailed, outcome))])
    #expect(book.entries.isEmpty)
  }

  @Test func aKillOfWhatRunsStopsItAndConfirmsWhenItHasEnded() {
    var book = running()
    book.over(id().task, 0)
    #expect(book.takeOrders() == [.stop(id(), .init())])
    book.note(id(), .ended(TaskOutcome(.signal, error: "killed by signal 15 (SIGTERM)")))
    let outcome = TaskOutcome(.stopped, error: "killed by signal 15 (SIGTERM)")
    #expect(book.takeOrders() == [.keep(id(), outcome), .report(id(), stopped(outcome))])
  }

  @Test func aStoppedUnitThatLeftNothingIsStopped() {
    var book = running()
    book.over(id().task, 0)
    _ = book.takeOrders()
    book.gone(id())
    #expect(book.takeOrders().last == .report(id(), stopped(TaskOutcome(.stopped))))
  }

  @Test func aKillBeforeTheStartIsConfirmedAndNothingStarts() {
    var book = attached()
    book.want(row())
    _ = book.takeOrders()
    book.over(id().task, 0)
    #expect(book.takeOrders().last == .report(id(), stopped(TaskOutcome(.stopped))))
    #expect(book.waiting(for: JobHandle(rawValue: 3)).isEmpty)
  }

  @Test func aKillOfWhatIsNotThereIsConfirmed() {
    var book = attached()
    book.over(TaskHandle(rawValue: 99), 0)
    #expect(book.takeOrders() == [.tell(stopped(TaskOutcome(.stopped), task: 99))])
  }

  @Test func whatIsOfAnotherClusterIsStoppedAndNeverReported() {
    var book = AttemptBook()
    book.adopt(id(cluster: Self.other), .running, nil)
    book.adopt(id(8, cluster: Self.other), .ended(TaskOutcome(.exited, exitCode: 0)), nil)
    _ = book.takeOrders()
    book.attached(to: Self.cluster)
    book.reportEnds()
    #expect(Set(book.takeOrders().map { "\($0)" }).count == 2)
    book.note(id(cluster: Self.other), .ended(TaskOutcome(.stopped)))
    #expect(book.takeOrders() == [.release(id(cluster: Self.other))])
    #expect(book.entries.isEmpty)
  }

  @Test func aTaskAssignedAgainUnderTheSameHandleIsAnotherAttempt() {
    var book = running()
    // The journal was put back: the same handle and number, assigned at another time.
    let mark = book.mark()
    book.abandonAll(but: Set([book.want(row(ms: 2000))].compactMap { $0 }), since: mark)
    let orders = book.takeOrders()
    #expect(orders.contains(.fetch(JobHandle(rawValue: 3))))
    #expect(orders.contains(.stop(id(), .init())))
  }

  @Test func whatTheControllerDoesNotHaveIsStopped() {
    var book = running()
    book.abandonAll(but: [], since: book.mark())
    #expect(book.takeOrders() == [.stop(id(), .init())])
    book.gone(id())
    #expect(book.takeOrders() == [.release(id())])
  }

  @Test func whatTheControllerHasGivenUpEndsBeforeTheWorkerIsOffered() {
    var book = AttemptBook()
    for task: UInt64 in [7, 8] { book.adopt(id(task), .running, nil) }
    book.attached(to: Self.cluster)
    book.confirm(row(.running))
    book.abandonUnconfirmed()
    #expect(book.takeOrders() == [.stop(id(8), .init())])
    // What the controller has here does not wait for it.
    #expect(book.mayRegister)
    book.note(id(), .ended(TaskOutcome(.exited, exitCode: 0)))
    #expect(!book.mayRegister)
    book.gone(id(8))
    #expect(book.mayRegister && book.entries.count == 1)
  }

  @Test func whatWasAssignedSinceTheQuestionIsNotMissing() {
    var book = attached()
    let mark = book.mark()
    book.want(row())
    _ = book.takeOrders()
    book.abandonAll(but: [], since: mark)
    #expect(book.takeOrders().isEmpty)
    #expect(book.entries.count == 1)
  }

  @Test func cutOffItStopsWhatMayNotRunOnAndSaysWhy() {
    var book = running()
    book.cutOff()
    #expect(book.takeOrders() == [.stop(id(), .init())])
    book.gone(id())
    #expect(book.takeOrders().last == .report(id(), report(.workerFailed, TaskOutcome(.fenced))))
    var other = running(AttemptBook.StopWay(runsOnWhenCutOff: true))
    other.cutOff()
    #expect(other.takeOrders().isEmpty)
  }

  @Test func anUnansweredReportIsMadeAgain() {
    var book = running()
    let outcome = TaskOutcome(.exited, exitCode: 0)
    book.note(id(), .ended(outcome))
    book.reporting(id())
    _ = book.takeOrders()
    book.reportEnds()
    #expect(book.takeOrders().isEmpty)
    book.repeatReports()
    #expect(book.takeOrders() == [.report(id(), report(.succeeded, outcome))])
  }

  @Test func anEndOfAnotherLifeIsNotTakenForThisOnes() {
    // The journal was put back: the handle and the number are another attempt's by now.
    var book = AttemptBook()
    let outcome = TaskOutcome(.exited, exitCode: 0)
    book.adopt(id(), ended: outcome, nil)
    book.attached(to: Self.cluster)
    let mark = book.mark()
    book.confirm(row(ms: 2000))
    book.reportEnds()
    #expect(book.takeOrders().isEmpty)
    book.want(row(ms: 2000))
    book.abandonAll(but: [id(ms: 2000)], since: mark)
    #expect(book.takeOrders() == [.fetch(JobHandle(rawValue: 3)), .release(id())])
  }

  @Test func anEndFromBeforeIsReportedOnceTheControllerHasTheAttempt() {
    var book = AttemptBook()
    let outcome = TaskOutcome(.exited, exitCode: 0)
    book.adopt(id(), ended: outcome, nil)
    book.attached(to: Self.cluster)
    book.confirm(row(.running))
    book.reportEnds()
    #expect(book.takeOrders() == [.report(id(), report(.succeeded, outcome))])
  }

  @Test func aLongErrorIsCut() throws {
    var book = running()
    book.note(id(), .ended(TaskOutcome(.startFailed, error: String(repeating: "x", count: 10_000))))
    guard case .report(_, .taskStateChanged(let report))? = book.takeOrders().last else {
      Issue.record("nothing is reported")
      return
    }
    #expect(report.error?.utf8.count ?? 0 <= Limits.errorBytes)
  }

  @Test func aKillIsNotForWhatIsLeftOfAnotherLife() {
    var book = running()
    book.abandonAll(but: Set([book.want(row(ms: 2000))].compactMap { $0 }), since: book.mark())
    _ = book.takeOrders()
    book.over(id().task, 0)
    #expect(book.takeOrders().last == .report(id(ms: 2000), stopped(TaskOutcome(.stopped))))
  }

  @Test func whatRunsAgainIsToldWhenTheControllerDoesNotKnow() {
    var book = AttemptBook()
    book.adopt(id(), .running, nil)
    book.attached(to: Self.cluster)
    _ = book.takeOrders()
    book.want(row(.assigned))
    #expect(
      book.takeOrders() == [
        .tell(.taskStateChanged(TaskReport(task: .handle(id().task), attempt: 0, state: .running)))
      ])
    book.want(row(.running))
    #expect(book.takeOrders().isEmpty)
  }

  @Test func aStopThatWasNotedCountsAfterANewStart() {
    var book = running()
    book.over(id().task, 0)
    _ = book.takeOrders()
    let note = AttemptNote(AttemptNote(book.entries[id()]!).text)
    #expect(note?.isOver == true && note?.stopReason == .stopped)
    var next = AttemptBook()
    next.adopt(id(), .running, note)
    // The worker before may have ended between the signal and the kill.
    #expect(next.takeOrders() == [.stop(id(), .init())])
    next.attached(to: Self.cluster)
    next.want(row(.running, isStopping: true))
    next.gone(id())
    #expect(next.takeOrders().last == .report(id(), stopped(TaskOutcome(.stopped))))
  }
}
