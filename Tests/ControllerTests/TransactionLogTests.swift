import Controller
import EventModel
import SeededRandom
import Testing

@Suite struct TransactionLogTests {
  private static func controller(capacity: Int, actions: Int) -> TestController {
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = capacity
    configuration.transactionLogActionCapacity = actions
    return TestController(configuration: configuration)
  }

  @Test func giantCascadesPushOthersOut() {
    let state = Self.controller(capacity: 100, actions: 1000)
    for index in 0..<20 { state.submit("small\(index)") }
    #expect(state.transactionLog.count == 20 && state.transactionLog.actionCount == 40)
    state.submit("large", replicas: 990)
    #expect(state.transactionLog.map(\.number) == [17, 18, 19, 20, 21])
    #expect(state.transactionLog.actionCount == 999)
    state.submit("too-large", replicas: 5000)
    #expect(state.transactionLog.map(\.number) == [22], "the newest is kept whatever it lists")
    state.submit("after")
    #expect(state.transactionLog.map(\.number) == [23])
    #expect(
      state.transactionLog[number: 22] == nil && state.transactionLog[number: 23]?.subject?.description == "after")
  }

  /// Against a list that is cut from the front.
  @Test(arguments: UInt64(1)...10)
  func itHoldsWhatAListWould(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let state = Self.controller(capacity: 8, actions: 40)
    var list: [Transaction] = []
    for step in 0..<300 {
      list.append(state.submit("j\(step)", replicas: Int32.random(in: 1...30, using: &random)))
      while list.count > 8 || (list.count > 1 && list.reduce(0) { $0 + $1.actions.count } > 40) { list.removeFirst() }
      #expect(Array(state.transactionLog) == list, "seed \(seed), step \(step)")
      #expect(state.transactionLog.firstNumber == list.first?.number)
      #expect(state.transactionLog.actionCount == list.reduce(0) { $0 + $1.actions.count })
    }
  }
}
