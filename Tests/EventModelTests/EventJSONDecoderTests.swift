import EventJSON
import EventModel
import Testing

private func decode(_ text: String) throws -> Event {
  try EventJSONDecoder().event(from: Array(text.utf8))
}

@Suite struct EventJSONDecoderTests {
  static let everyKind: [(String, Event)] = {
    var gang = JobRequest()
    gang.replicas = 3
    gang.maxRetriesFailure = 1
    gang.maxRetriesPreemption = 2
    gang.maxTaskFailures = 4
    gang.coscheduled = true
    gang.resources = Resources(milliCPU: 1500, memoryBytes: 512, devices: ["nic": 1, "gpu": 2])
    gang.schedulingTimeoutMs = 60_000
    (gang.priority, gang.runTimeoutMs, gang.retryDelayMs, gang.retryDelayMaxMs) = (-5, 9, 1, 2)
    gang.ifExists = .replaceFinished
    gang.constraints = Constraints(require: ["zone": ["b", "a"], "arch": ["x"]], forbid: ["disk": ["slow"]])
    gang.specification.command = ["python", "a.py"]
    gang.specification.environment = [.init(name: "Z", value: "1"), .init(name: "A", value: "")]
    (gang.specification.workingDirectory, gang.specification.user) = ("/srv", "ana")
    (gang.specification.stopTimeoutMs, gang.specification.stopSignal) = (10_000, "SIGINT")
    gang.specification.whenCutOff = .runOn
    gang.parent = "p"
    gang.owner = "ada"
    (gang.submitter, gang.submitterUid) = ("ada", 1000)
    gang.reason = "nightly"
    let labels = [WorkerMetadata.Attribute(key: "zone", value: "b"), .init(key: "image", value: "a")]
    return [
      (
        #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"w1:80","metadata":{"cpu":0.25,"memory_bytes":9,"#
          + #""devices":{"gpu":3},"confirms_stops":true,"zone":"b","image":"a"},"#
          + #""incarnation":"i2","timestamp_ms":5}"#,
        .workerRegistered(
          "w1", address: "w1:80",
          metadata: WorkerMetadata(
            capacity: Resources(milliCPU: 250, memoryBytes: 9, devices: ["gpu": 3]), confirmsStops: true,
            attributes: labels),
          incarnation: "i2", timestampMs: 5)
      ),
      (#"{"type":"WORKER_HEARTBEAT","worker_id":"w1","timestamp_ms":5}"#, .workerHeartbeat("w1", timestampMs: 5)),
      (
        ##"{"type":"WORKER_HEARTBEAT","worker_id":"#12.3","timestamp_ms":5}"##,
        .workerHeartbeat(.handle(WorkerHandle(index: 12, generation: 3)), timestampMs: 5)
      ),
      (
        #"{"type":"WORKER_HEARTBEAT_FAILED","worker_id":"w1","error":"timeout"}"#,
        .workerHeartbeatFailed("w1", error: "timeout")
      ),
      (#"{"type":"WORKER_FAILED","worker_id":"w1"}"#, .workerFailed("w1")),
      (
        #"{"type":"WORKER_FAILED","worker_id":"w1","error":"gone","timestamp_ms":9}"#,
        .workerFailed("w1", error: "gone", timestampMs: 9)
      ),
      (
        ##"{"type":"WORKER_RECONCILED","worker_id":"w1","reported":[["j1/task-0",2],["#4.1",0]]}"##,
        .workerReconciled(
          "w1",
          reported: [
            ReportedTask(task: "j1/task-0", attempt: 2),
            ReportedTask(task: .handle(TaskHandle(index: 4, generation: 1)), attempt: 0),
          ])
      ),
      (
        #"{"type":"JOB_SUBMITTED","job_id":"j1","request":{"replicas":3,"max_retries_failure":1,"#
          + #""max_retries_preemption":2,"max_task_failures":4,"coscheduled":true,"cpu":1.5,"memory_bytes":512,"devices":{"gpu":2,"nic":1},"#
          + #""priority":-5,"require":{"arch":"x","zone":["a","b"]},"forbid":{"disk":"slow"},"#
          + #""scheduling_timeout_ms":60000,"run_timeout_ms":9,"retry_delay_ms":1,"retry_delay_max_ms":2,"#
          + #""if_exists":"replace_finished","parent":"p","owner":"ada","submitter":"ada","submitter_uid":1000,"reason":"nightly","#
          + #""command":["python","a.py"],"environment":{"Z":"1","A":""},"working_directory":"/srv","user":"ana","#
          + #""stop_timeout_ms":10000,"stop_signal":"SIGINT","when_cut_off":"continue"},"timestamp_ms":7}"#,
        .jobSubmitted("j1", request: gang, timestampMs: 7)
      ),
      (#"{"type":"BRAKE_OVERRIDDEN","zone":""}"#, .brakeOverridden(zone: "")),
      (
        #"{"type":"BRAKE_OVERRIDDEN","zone":"b","reason":"they are dead","timestamp_ms":9}"#,
        .brakeOverridden(zone: "b", reason: "they are dead", timestampMs: 9)
      ),
      (#"{"type":"JOB_CANCELLED","job_id":"j1","reason":"enough"}"#, .jobCancelled("j1", reason: "enough")),
      (
        #"{"type":"WORKER_DRAIN","worker_id":"w1","reason":"disk","grace_ms":5,"timestamp_ms":9}"#,
        .workerDrain("w1", reason: "disk", graceMs: 5, timestampMs: 9)
      ),
      (#"{"type":"WORKER_RESUMED","worker_id":"w1"}"#, .workerResumed("w1")),
      (
        #"{"type":"TASK_STOPPED","task_id":"j1/task-0","attempt_id":3,"exit_code":143,"end_reason":"stopped"}"#,
        .taskStopped("j1/task-0", attempt: 3, exitCode: 143, endReason: .stopped)
      ),
      (#"{"type":"TASK_ASSIGNED","task_id":"j1/task-0","worker_id":"w1"}"#, .taskAssigned("j1/task-0", worker: "w1")),
      (
        #"{"type":"TASK_STATE_CHANGED","task_id":"j1/task-0","attempt_id":1,"new_state":"FAILED","error":"oom","#
          + #""exit_code":-9}"#,
        .taskStateChanged("j1/task-0", attempt: 1, state: .failed, error: "oom", exitCode: -9)
      ),
      (#"{"type":"TASK_PREEMPTED","task_id":"j1/task-0"}"#, .taskPreempted("j1/task-0")),
      (
        #"{"type":"ENDPOINT_REGISTERED","task_id":"j1/task-0","endpoint":"http://w1:1"}"#,
        .endpointRegistered("j1/task-0", endpoint: "http://w1:1")
      ),
      (#"{"type":"PRUNE","now_ms":8}"#, .prune(nowMs: 8)),
    ]
  }()

  @Test(arguments: everyKind)
  func decodesAndEncodesToTheSameText(_ text: String, _ event: Event) throws {
    #expect(try decode(text) == event)
    #expect(event.json.text == text)
  }

  @Test func emptyRequestTakesTheDefaults() throws {
    let event = try decode(#"{"type":"JOB_SUBMITTED","job_id":"j1","request":{},"timestamp_ms":1}"#)
    #expect(event == .jobSubmitted("j1", request: JobRequest(), timestampMs: 1))
  }

  @Test(arguments: [Int32.min, -1, 0, 10_001, .max])
  func replicasOutOfRangeAreTheControllersToAnswer(_ replicas: Int32) throws {
    let text = #"{"type":"JOB_SUBMITTED","job_id":"j1","request":{"replicas":\#(replicas)},"timestamp_ms":1}"#
    guard case .jobSubmitted(_, let request) = try decode(text).body else {
      Issue.record("not a submission")
      return
    }
    #expect(request.replicas == replicas)
  }

  @Test func timestampsMayBeLeftToTheReceiver() throws {
    let text = #"{"type":"WORKER_HEARTBEAT","worker_id":"w1"}"#
    #expect(throws: EventJSONError.self) { try decode(text) }
    let event = try EventJSONDecoder(timestamps: .optional).event(from: Array(text.utf8))
    #expect(event == .workerHeartbeat("w1"))
    let prune = try EventJSONDecoder(timestamps: .optional).event(from: Array(#"{"type":"PRUNE"}"#.utf8))
    #expect(prune == Event(body: .prune))
  }

  @Test func scriptsAlsoTickAndRestart() throws {
    #expect(try ScriptStep(from: Array(#"{"type":"TICK","now_ms":4}"#.utf8)) == .tick(nowMs: 4))
    #expect(try ScriptStep(from: Array(#"{"type":"RESTART","timestamp_ms":4}"#.utf8)) == .restart(atMs: 4))
    #expect(try ScriptStep(from: Array(#"{"type":"PRUNE","now_ms":4}"#.utf8)) == .event(.prune(nowMs: 4)))
    let error = #expect(throws: EventJSONError.self) {
      try ScriptStep(from: Array(#"{"type":"TICK","now_ms":4,"x":1}"#.utf8))
    }
    #expect(error?.problem == .unknownField)
  }

  /// What a journal says around an event: its id, and a number that is for readers alone.
  @Test func scriptsTellWhatAJournalSaysOfAnEvent() throws {
    func step(_ text: String) throws -> ScriptStep { try ScriptStep(from: Array(text.utf8)) }
    let event = Event.jobCancelled(.name("j"), reason: "r", timestampMs: 4)
    let said = Event(id: EventID(peer: 7, position: 19), timestampMs: 4, body: event.body)
    let text = #"{"txn":3,"type":"JOB_CANCELLED","job_id":"j","reason":"r","timestamp_ms":4,"event_id":"7:19""#
    #expect(try step(text + "}") == .event(said))
    #expect(
      try step(#"{"type":"CONFIGURED","delivery_retries":4}"#) == .configured([.deliveryRetries: 4]))
    for (bad, field) in [
      (#","refused":"forbidden"}"#, "refused"), (#","event_id":"7:19"}"#, "event_id"), (#","peer":7}"#, "peer"),
    ] {
      let error = #expect(throws: EventJSONError.self) { try step(text + bad) }
      #expect(error?.field == field)
    }
    for id in ["", "7", "7:", ":19", "7:19:1", "-1:2", "4294967296:1"] {
      let error = #expect(throws: EventJSONError.self) {
        try step(#"{"type":"JOB_CANCELLED","job_id":"j","reason":"r","event_id":"\#(id)"}"#)
      }
      #expect(error?.field == "event_id", "\(id)")
    }
  }

  @Test func onlyTheClockMayTick() {
    for type in ["TICK", "SCHEDULING_DEADLINE_PASSED"] {
      let error = #expect(throws: EventJSONError.self) { try decode(#"{"type":"\#(type)","now_ms":4}"#) }
      #expect(error?.problem == .notExternal)
    }
  }
}
