import EventJSON
import EventModel

extension Event {
  /// One event of every kind that peers send, about worker `w1` and job `train`: for whoever has to do with all kinds.
  public static var samples: [Event] {
    sampleLines.map { line in
      do { return try EventJSONDecoder(speaker: .peer).event(from: Array(line.utf8)) } catch {
        preconditionFailure("a sample is an event: \(error)")
      }
    }
  }
}

extension DispatchResult {
  /// What an observer returned; nil when it returned nothing, threw, or did not see the event.
  public func value(of observer: String) -> String? {
    guard case .returned(let value)? = outcome(of: observer) else { return nil }
    return value
  }

  /// What an observer threw, or the middleware that threw on the event; nil when it did not.
  public func error(of observer: String) -> String? {
    guard case .threw(let error)? = outcome(of: observer) else { return nil }
    return error
  }

  private func outcome(of observer: String) -> Observation.Outcome? {
    observations.first { $0.observer == observer }?.outcome
  }
}
