import EventModel
import Testing

@Suite struct VocabularyTests {
  @Test func namesLeadBackToTheirCases() {
    for kind in EventKind.allCases { #expect(EventKind(name: kind.name) == kind) }
    for state in TaskState.allCases { #expect(TaskState(name: state.name) == state) }
    for state in JobState.allCases { #expect(JobState(name: state.name) == state) }
    #expect(EventKind(name: "worker_failed") == nil)
    #expect(TaskState(name: "") == nil)
    #expect(Set(ActionKind.allCases.map(\.name)).count == ActionKind.allCases.count)
    #expect(Set(RejectionReason.allCases.map(\.name)).count == RejectionReason.allCases.count)
  }

  @Test func statesFallIntoTheirClasses() {
    #expect(TaskState.allCases.filter(\.isActive) == [.assigned, .building, .running])
    #expect(TaskState.allCases.filter(\.isExecuting) == [.building, .running])
    #expect(TaskState.allCases.filter { !$0.isTerminal } == [.pending, .assigned, .building, .running])
    #expect(JobState.allCases.filter { !$0.isTerminal } == [.pending, .running])
  }

  @Test func whatOnlyTheDispatcherSays() {
    #expect(
      EventKind.allCases.filter { !$0.isExternal } == [
        .tick, .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected,
        .workerDrainPassed, .taskTimedOut, .assignmentTimedOut,
      ])
  }

  @Test(arguments: [("j1/task-0", "j1", 0), ("a/b/task-10", "a/b", 10), ("j/task-1/task-2", "j/task-1", 2)])
  func taskNamesAreParsed(_ text: String, _ job: String, _ index: Int) throws {
    let name = try #require(TaskName(text))
    #expect(name == TaskName(job: job, index: index))
    #expect(name.description == text)
  }

  @Test(arguments: [
    "", "j1", "/task-0", "j1/task-", "j1/task-01", "j1/task--1", "j1/task-x", "j1/task-1234567890", "j1/Task-0",
    "j1task-0",
    "j1/task-٣",
  ])
  func otherTextIsNoTaskName(_ text: String) {
    #expect(TaskName(text) == nil)
  }

  @Test(arguments: [(UInt32(0), UInt32(1)), (12, 3), (.max, .max)])
  func handlesHoldIndexAndGeneration(_ index: UInt32, _ generation: UInt32) {
    let handle = WorkerHandle(index: index, generation: generation)
    #expect(handle.index == index)
    #expect(handle.generation == generation)
    #expect(!handle.isNone)
    #expect(WorkerHandle(rawValue: handle.rawValue) == handle)
    #expect(handle.description == "\(index).\(generation)")
  }

  @Test func stampingKeepsTheStatement() {
    let event = Event.workerFailed("w1", error: "gone")
    let stamped = event.stamped(id: EventID(peer: 3, position: 4), timestampMs: 5)
    #expect(stamped.body == event.body)
    #expect(stamped.id == EventID(peer: 3, position: 4))
    #expect(stamped.timestampMs == 5)
  }
}
