import EventJSON
import EventModel
import Platform
import Presentation
import RingmasterClient
import Terminal

/// What a dispatched event led to, printed, with the promise that the controller gives for it.
struct Verdict {
  let result: DispatchResult
  let isJSON: Bool

  /// Prints the whole account.
  ///
  /// - Throws: `CommandFailure` with the reason when the event was rejected, dropped or dead-lettered.
  func show() throws {
    try StandardStream.output.writeLine(isJSON ? json.text : text.joined(separator: "\n"))
    if let refusal { throw CommandFailure(refusal) }
  }

  var json: JSONValue {
    guard case .object(let members) = result.json else { return result.json }
    let repeated = result.isRepeated ? [JSONValue.Member("repeated", .boolean(true))] : []
    return .object(members + [JSONValue.Member("promise", .string(result.promise.name))] + repeated)
  }

  var text: [String] {
    let paint = Paint(TerminalCapabilities())
    var lines = result.transaction.map { TransactionText($0, paint: paint).lines } ?? []
    if result.isRepeated { lines.append("  this event was handled before: nothing was done again") }
    lines += result.observationLines
    if refusal == nil { lines.append(paint(result.promise.name, .bold) + ": " + meaning(of: result.promise)) }
    return lines
  }

  private func meaning(of promise: Promise) -> String {
    switch promise {
    case .volatile: "held in the dispatcher's memory, and lost with it"
    case .accepted: "survives the death of any process"
    case .durable: "journaled and synced, survives loss of power"
    }
  }

  /// Why nothing came of the event; nil when something did.
  var refusal: String? { EventRefusal(result)?.description }
}

extension DispatchResult {
  /// What is not shown of the event, and what observers had to say, or the middleware that threw on the event.
  var observationLines: [String] {
    let role = transaction == nil ? "middleware" : "observer"
    let abridged = isAbridged ? ["  the event is shown without its lists, which are too long"] : []
    return abridged
      + observations.compactMap { observation in
        switch observation.outcome {
        case .succeeded: nil
        case .returned(let value): "  \(role) \(observation.observer): \(value)".withoutControls
        case .threw(let error): "  \(role) \(observation.observer) failed: \(error)".withoutControls
        }
      }
  }
}
