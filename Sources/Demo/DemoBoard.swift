import EventModel
import Platform
import Presentation
import Synchronization

/// Where the story writes what has happened, and the screen reads it.
final class DemoBoard: Sendable {
  enum Progress: Sendable, Equatable {
    case waiting
    case running
    case done(detail: String, atNs: UInt64)
    case failed
  }

  struct Cascade: Sendable {
    let transaction: Transaction
    let detectionMs: Double
    let shownUntilNs: UInt64
  }

  struct Contents: Sendable {
    var progress = [Progress](repeating: .waiting, count: DemoStep.allCases.count)
    var cascade: Cascade?
    var report: DemoReport
  }

  let startNs = Clock.bootNs()
  private let contents: Mutex<Contents>
  /// Called with each line worth telling where there is no live screen.
  private let narrate: @Sendable (String) -> Void

  init(report: DemoReport, narrate: @escaping @Sendable (String) -> Void) {
    contents = Mutex(Contents(report: report))
    self.narrate = narrate
  }

  var snapshot: Contents {
    contents.withLock { $0 }
  }

  var elapsedSeconds: Double {
    Double(Clock.bootNs() - startNs) / 1e9
  }

  func update(_ change: (inout DemoReport) -> Void) {
    contents.withLock { change(&$0.report) }
  }

  func begin(_ step: DemoStep) {
    contents.withLock { $0.progress[step.rawValue] = .running }
  }

  func finish(_ step: DemoStep, _ detail: String) {
    let atNs = Clock.bootNs()
    contents.withLock { $0.progress[step.rawValue] = .done(detail: detail, atNs: atNs) }
    let tenths = Int64(((Double(atNs - startNs) / 1e8).rounded()))
    let time = "\(tenths / 10).\(tenths % 10) s"
    narrate(String(repeating: " ", count: max(0, 7 - time.count)) + time + "  " + detail)
  }

  /// Marks the step that was under way as the one that did not happen.
  func failRunningStep() {
    contents.withLock { contents in
      guard let index = contents.progress.firstIndex(of: .running) else { return }
      contents.progress[index] = .failed
    }
  }

  func show(_ cascade: Cascade) {
    contents.withLock { $0.cascade = cascade }
    for line in TransactionText(cascade.transaction).lines { narrate("         " + line) }
  }
}
