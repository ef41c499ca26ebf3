import EventBus
import EventModel

/// Says of an event what follows from its id alone: nothing, a text of any length, or an error. So whoever reads the result
/// knows what it must say. Behind it run more observers that have nothing to say than the head of a result names.
struct TalkativeObserver: EventObserver {
  private static let plainObservers = 18

  let number: Int

  struct Complaint: Error, CustomStringConvertible {
    let description: String
  }

  static var all: [TalkativeObserver] { (0...plainObservers).map { TalkativeObserver(number: $0) } }

  /// What a result about the event lists.
  static func observations(of id: EventID) -> [Observation] {
    all.map { observer in
      let outcome: Observation.Outcome =
        switch observer.speech(on: id) {
        case nil: .succeeded
        case (let text, isError: false)?: .returned(value: text)
        case (let text, isError: true)?: .threw(error: text)
        }
      return Observation(observer: observer.name, outcome: outcome)
    }
  }

  var name: String { "observer-\(number)" }

  func observe(_ event: Event, _ transaction: Transaction) throws -> String? {
    guard let (text, isError) = speech(on: event.id) else { return nil }
    if isError { throw Complaint(description: text) }
    return text
  }

  private func speech(on id: EventID) -> (String, isError: Bool)? {
    guard number == 0, id.position % 3 == 0 else { return nil }
    let bytes = Int(id.position &* 2_654_435_761 % UInt64(Limits.observationBytes))
    return (String(repeating: "é", count: id.position % 5 == 0 ? bytes / 2 : bytes % 40), isError: id.position % 2 == 0)
  }
}
