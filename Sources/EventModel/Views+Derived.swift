extension TaskView {
  /// The number of the newest attempt; nil before the first.
  public var currentAttempt: UInt32? { attemptCount > 0 ? UInt32(clamping: attemptCount - 1) : nil }
}

/// What a step of an explanation is.
public enum StepContent: Sendable, Hashable {
  /// The event of its transaction and what it was about. One that is too long for a row comes without the lists it carries.
  case event(Event, subject: Subject?)
  case action(Action)
}

extension StepView {
  /// nil when this step is the event itself.
  public var action: Action? {
    if case .action(let action) = content { action } else { nil }
  }
}

extension Role {
  /// The name of a role by its wire value, which 0 is for the dispatcher itself.
  public static func name(of rawValue: UInt32) -> String {
    Role(rawValue: rawValue)?.name ?? (rawValue == 0 ? "dispatcher" : "\(rawValue)")
  }
}
