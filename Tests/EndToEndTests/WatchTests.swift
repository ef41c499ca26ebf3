import Glibc
import Testing

/// `ringctl watch`: transactions as they happen.
extension EndToEndTests {
  @Suite struct WatchTests {
    @Test func theCascadeOfALostWorkerIsOneTransaction() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let objects = try bench.startWatch("--json")
        let plain = try bench.startWatch()
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h1:1","metadata":{"cpu":2}}"#,
          #"{"type":"JOB_SUBMITTED","job_id":"j","request":{"replicas":2}}"#)
        try bench.wait("the tasks are placed") {
          objects.outputLines.count { $0.contains("TASK_ASSIGNED") } == 2
        }
        try bench.publish(
          #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-0","attempt_id":0,"new_state":"RUNNING"}"#,
          #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-1","attempt_id":0,"new_state":"RUNNING"}"#,
          #"{"type":"WORKER_FAILED","worker_id":"w1","error":"pulled the plug"}"#)
        try bench.wait("both show the loss") {
          objects.outputLines.contains { $0.contains("WORKER_FAILED") } && plain.output.contains("worker_pruned")
        }

        let transactions = try objects.outputLines.map { try JSON(parsing: $0) }
        let numbers = transactions.compactMap { $0["txn"].int }
        #expect(numbers.count == transactions.count)
        #expect(numbers == Array((numbers.first ?? 0)..<(numbers.first ?? 0) + numbers.count), "none is missed")
        let losses = transactions.filter { $0["event"]["type"] == "WORKER_FAILED" }
        try #require(losses.count == 1)
        let actions = losses[0]["actions"].elements
        #expect(
          actions.map { "\($0["action"].string ?? "") \($0["entity"].string ?? "")" } == [
            "worker_failed w1",
            "task_state_changed j/task-0", "task_unassigned j/task-0", "task_requeued j/task-0",
            "task_state_changed j/task-1", "task_unassigned j/task-1", "task_requeued j/task-1",
            "worker_pruned w1",
          ])
        #expect(actions[0]["cause"] == "event")
        #expect(actions[1]["cause"] == 0)
        #expect(losses[0]["event"]["error"] == "pulled the plug")

        let start = try #require(plain.outputLines.firstIndex { $0.contains("WORKER_FAILED w1 (pulled the plug)") })
        let cascade = plain.outputLines[(start + 1)...].prefix { $0.hasPrefix(" ") }
        #expect(cascade.count == 8)
        #expect(cascade.first == "  worker_failed w1")
        #expect(!plain.rawOutput.contains(0x1b))

        #expect(try bench.stop(objects) == .code(0))
        #expect(try bench.stop(plain, SIGINT) == .code(0))
        #expect(objects.errors == "" && plain.errors == "")
      }
    }

    @Test func onlyTheKindsAskedForAreShown() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let watch = try bench.startWatch("--json", "--filter", "JOB_CANCELLED", "--filter", "WORKER_REGISTERED")
        #expect(try bench.ringctl("submit", "j").exit == .code(0))
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h","metadata":{"cpu":1}}"#)
        try bench.wait("the registration is shown") { watch.output.contains("WORKER_REGISTERED") }
        #expect(!watch.output.contains("JOB_SUBMITTED"))
      }
    }

    @Test func endsWithItsReaderAndWithItsDispatcher() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let unread = try bench.startWatch()
        let watch = try bench.startWatch("--json")
        unread.closeOutput()
        try bench.wait("the one that nobody reads ends") {
          let refused = try bench.ringctl("cancel", "none", "-m", "x")
          #expect(refused.exit == .code(1))
          unread.pump()
          return unread.exit != nil
        }
        #expect(unread.exit == .code(0))
        #expect(unread.errors == "")
        #expect(watch.exit == nil)
        #expect(try bench.stop(dispatcher) == .code(0))
        #expect(try bench.waitForExit(watch) == .code(2))
        #expect(watch.errorLines.count == 1)
      }
    }
  }
}
