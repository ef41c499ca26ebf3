import Configuration
import EventJSON
import EventModel
import Presentation

/// One key of a job's file: what people write there, and the field of JOB_SUBMITTED that it becomes.
public struct JobFileKey: Sendable {
  enum Form: Sendable {
    case text
    /// A file may say it as a number, too.
    case cpu
    case size
    case span
    case integer
    case flag
    case texts
    /// Texts, or lists of texts, by name.
    case table
    /// Numbers by name.
    case counts
  }

  public let name: String
  let field: String
  let form: Form
  /// Whole sentences, for people.
  public let meaning: String

  private init(_ name: String, _ form: Form, as field: String? = nil, _ meaning: String) {
    self.name = name
    self.field = field ?? name
    self.form = form
    self.meaning = meaning
  }

  /// Of what comes in a file beside the job's name.
  public static let all = [
    JobFileKey("command", .texts, "The program and its arguments."),
    JobFileKey("script", .text, "A script instead of a command."),
    JobFileKey("environment", .table, "Variables: LANG = \"C\"."),
    JobFileKey("working_directory", .text, "Where it runs."),
    JobFileKey("user", .text, "As whom it runs."),
    JobFileKey("cpu", .cpu, "Processors that each task holds: 2, 0.5."),
    JobFileKey("memory", .size, as: "memory_bytes", "Memory that each task holds: \"512M\"."),
    JobFileKey("devices", .counts, "Devices that each task holds: gpu = 2."),
    JobFileKey("replicas", .integer, "Tasks."),
    JobFileKey("gang", .flag, as: "coscheduled", "Its tasks live and die together."),
    JobFileKey("priority", .integer, "What has a higher one is placed first, -100 to 100."),
    JobFileKey("require", .table, "Attributes that a worker must have: zone = \"a\", arch = [\"arm64\", \"x86-64\"]."),
    JobFileKey("forbid", .table, "Attributes that a worker must not have."),
    JobFileKey("run_timeout", .span, as: "run_timeout_ms", "A task that runs longer has failed: \"5min\"."),
    JobFileKey(
      "scheduling_timeout", .span, as: "scheduling_timeout_ms", "A task that waits longer for a worker ends the job."),
    JobFileKey("stop_timeout", .span, as: "stop_timeout_ms", "From its stop signal to its kill."),
    JobFileKey("stop_signal", .text, "The signal that asks it to end."),
    JobFileKey("when_cut_off", .text, "What its worker does with it while it is cut off: stop or continue."),
    JobFileKey("tasks_max", .integer, "Processes and threads that each task may have."),
    JobFileKey("credentials", .texts, "Names of secrets on its worker that it may read: [\"db-password\"]."),
    JobFileKey("sandbox", .text, "How far it is kept from its machine: default or strict."),
    JobFileKey("retries", .integer, as: "max_retries_failure", "Failures of one task that are retried."),
    JobFileKey("loss_retries", .integer, as: "max_retries_preemption", "Losses of one task that are retried."),
    JobFileKey("retry_delay", .span, as: "retry_delay_ms", "How long a task waits behind its first failure."),
    JobFileKey("retry_delay_max", .span, as: "retry_delay_max_ms", "The longest that it waits."),
    JobFileKey("max_task_failures", .integer, "Tasks that may fail before the job does."),
    JobFileKey("if_exists", .text, "When there is a job of this name: reject, replace_finished or keep."),
    JobFileKey("parent", .text, "The job whose end ends this one too, unless it succeeded."),
    JobFileKey("owner", .text, "Who answers for it."),
    JobFileKey("reason", .text, "Why it is submitted."),
  ]

  /// The value of its field.
  ///
  /// - Throws: the problem, without its line.
  func value(of node: DocumentNode) throws(ConfigurationProblem) -> JSONValue {
    switch (form, node) {
    case (.text, .text(let text)): return .string(text)
    case (.cpu, .integer(let number)), (.integer, .integer(let number)): return .integer(number)
    case (.cpu, .real(let number)): return .number("\(number)")
    case (.cpu, .text(let text)):
      if let cpu = CPUArgument(argument: text) { return .cpus(milliCPU: cpu.resources.milliCPU) }
    case (.size, .integer(let bytes)) where bytes != 0: return .integer(bytes)
    case (.size, .text(let text)):
      if let size = MemoryArgument(argument: text), size.bytes != 0 { return .integer(size.bytes) }
    case (.span, .text(let text)): if let span = DurationArgument(argument: text) { return .integer(span.milliseconds) }
    case (.flag, .boolean(let isSet)): return .boolean(isSet)
    case (.texts, .array): if let texts = Self.texts(node) { return texts }
    case (.table, .table(let members)):
      let values = members.compactMap { member in
        Self.texts(member.node).map { JSONValue.Member(member.key, $0) }
      }
      if values.count == members.count { return .object(values) }
    case (.counts, .table(let members)):
      let values = members.compactMap { member -> JSONValue.Member? in
        if case .integer(let count) = member.node { JSONValue.Member(member.key, .integer(count)) } else { nil }
      }
      if values.count == members.count { return .object(values) }
    default: break
    }
    throw ConfigurationProblem(key: name, expected: form.expected, came: node.summary)
  }

  private static func texts(_ node: DocumentNode) -> JSONValue? {
    switch node {
    case .text(let text): return .string(text)
    case .array(let elements):
      let texts = elements.compactMap { if case .text(let text) = $0 { JSONValue.string(text) } else { nil } }
      return texts.count == elements.count ? .array(texts) : nil
    default: return nil
    }
  }
}

extension JobFileKey.Form {
  fileprivate var expected: String {
    switch self {
    case .text: "a text"
    case .cpu: "a number of processors: 2, 0.5"
    case .size: "a size above 0: \"512M\", \"1.5G\"; leave it out for no limit"
    case .span: "a span of time: \"90s\", \"5min\", \"1h 30min\""
    case .integer: "an integer"
    case .flag: "true or false"
    case .texts: "a list of texts"
    case .table: "a table of texts, or of lists of texts"
    case .counts: "a table of integers: { gpu = 2 }"
    }
  }
}
