/// What a client asks for when it submits a job.
public struct JobRequest: Hashable, Sendable {
  /// Number of tasks. Outside `Limits.replicas` the job fails at once and has no tasks.
  public var replicas: Int32 = 1
  /// Failures of one task that are retried: N retries are N + 1 attempts.
  public var maxRetriesFailure: Int32 = 0
  /// Losses of one task (worker lost, preempted) that are retried.
  public var maxRetriesPreemption: Int32 = 100
  /// Tasks that may end FAILED before the job does.
  public var maxTaskFailures: Int32 = 0
  /// A gang: its members live and die together.
  public var coscheduled = false
  /// Thousandths of a cpu that each task holds while active.
  public var milliCPU: Int64 = 1000
  /// A task that is PENDING this long after the submission becomes UNSCHEDULABLE; nil waits for ever.
  public var schedulingTimeoutMs: Int64?
  /// The job this one belongs to; its end ends this one too, unless it succeeded.
  public var parent: JobReference?
  /// Who answers for the job; free text.
  public var owner: String?
  /// Why it was submitted; free text.
  public var reason: String?

  public init() {}
}

/// What a worker says about itself when it registers.
public struct WorkerMetadata: Hashable, Sendable {
  /// Thousandths of a cpu that tasks may hold on it.
  public var milliCPU: Int64
  /// Everything else, in the order given: zone, image, labels.
  public var attributes: [Attribute]

  public struct Attribute: Hashable, Sendable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  public init(milliCPU: Int64, attributes: [Attribute] = []) {
    self.milliCPU = milliCPU
    self.attributes = attributes
  }

  /// The part of the fleet that fails together with this worker: its attribute `zone`; empty when it has none.
  public var zone: String {
    attributes.first { $0.key == "zone" }?.value ?? ""
  }
}
