import EventModel

/// A machine, as far as the simulation knows it.
struct SimulatedWorker {
  let name: String
  let zone: String
  /// Once a transaction told it.
  var handle: WorkerHandle?
  var incarnation = 0
  /// It sends nothing.
  var isSilent = false
  /// Its last heartbeat: when, through which peer's ring, and to which start of a dispatcher.
  var lastBeatNs: UInt64 = 0
  var lastBeatLife = 0
  var lastBeatPeer: UInt32 = 0
}

/// An attempt that a transaction began.
struct RunningTask {
  let task: TaskHandle
  let attempt: UInt32
  let worker: WorkerHandle
  var hasStarted = false
}
