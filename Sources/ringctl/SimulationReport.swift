import EventJSON
import EventModel
import Presentation
import Terminal

/// How a simulation is printed: for people or, one object a line, for programs.
struct SimulationReport {
  let isJSON: Bool
  let paint: Paint

  func text(_ transaction: Transaction) -> String {
    isJSON
      ? transaction.json.text
      : TransactionText(transaction, paint: paint, timeFormat: .milliseconds).lines.joined(separator: "\n")
  }

  func text(_ state: FinalState) -> String {
    isJSON
      ? JSONValue.object([.init("final_state", state.json)]).text
      : ([""] + state.lines(paint: paint)).joined(separator: "\n")
  }
}
