import EventModel
import Platform
import RingmasterClient

/// A real program on a real worker of this machine, beside the simulated fleet: what runs it is killed around it.
extension DemoStory {
  static let program = "program"
  static let programWorker = "this-machine"
  /// No other worker has one, and this worker has nothing else.
  private static let device = "demo"
  private static let greeting = "hello from process "
  private static let farewell = "ran once, to its end"

  /// Starts a worker, has it run a program, kills the worker, and starts it again.
  ///
  /// - Returns: the worker's process.
  func runProgram(_ client: RingmasterClient) async throws -> ChildProcess {
    board.begin(.programRuns)
    let worker = try await processes.startWorker(Self.programWorker, device: Self.device)
    try await wait("a worker of this machine registers", upTo: Self.startLimit, about: worker) {
      watch.isRegistered(Self.programWorker)
    }
    var request = JobRequest()
    request.resources = Resources(milliCPU: 0, devices: [Self.device: 1])
    (request.owner, request.reason) = ("demo", "a program of this machine")
    request.specification.command = [
      "/bin/sh", "-c",
      "echo \"\(Self.greeting)$$, task $RINGMASTER_TASK_INDEX of $RINGMASTER_JOB\"; "
        + "while [ ! -e \"$MAY_END\" ]; do sleep 0.05; done; echo \"\(Self.farewell)\"",
    ]
    request.specification.environment = [Specification.Variable(name: "MAY_END", value: processes.programMayEnd)]
    try await client.submit(Self.program, request)
    try await wait("the program writes something", upTo: Self.stepLimit, about: worker) {
      processes.programOutput.contains { $0.hasPrefix(Self.greeting) }
    }
    try await processes.kill(worker)
    let successor = try await processes.startWorker(Self.programWorker, device: Self.device)
    board.finish(
      .programRuns, "\"\(processes.programOutput[0])\"; killed its worker \(worker.pid), \(successor.pid) takes it up")
    return successor
  }

  /// Lets the program come to its end, and sees that it ran once.
  func endProgram(_ client: RingmasterClient, _ worker: ChildProcess) async throws {
    board.begin(.programSucceeded)
    try processes.letProgramEnd()
    var job: JobView?
    try await wait("the program ends", upTo: Self.stepLimit, every: Self.queryPeriod, about: worker) {
      job = try await client.job(.name(Self.program))
      return job?.state.isTerminal == true
    }
    let tasks = try await client.tasks(of: .name(Self.program))
    guard job?.state == .succeeded, case .task(let task)? = tasks.first, task.attemptCount == 1 else {
      throw DemoFailure(
        "job \(Self.program) ended \(job?.state.name ?? "unseen"), expected SUCCEEDED with one attempt",
        logTail: worker.logTail())
    }
    let output = processes.programOutput
    guard output.count == 2, output[0].hasPrefix(Self.greeting), output[1] == Self.farewell else {
      throw DemoFailure("the program wrote \(output), expected one beginning and one end")
    }
    board.finish(.programSucceeded, "\"\(output[1])\": one attempt, though its worker and the dispatcher were killed")
  }
}
