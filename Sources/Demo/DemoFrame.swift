import EventModel
import Presentation
import Terminal

/// One picture of the demo, as lines of text.
struct DemoFrame {
  private let options: DemoOptions
  private let startNs: UInt64
  var processes: [(name: String, pid: Int32, cpuShare: Double?)] = []
  /// Heartbeats a second, oldest first.
  var rates: [Double] = []
  var heartbeats: UInt64 = 0
  var transactions: UInt64 = 0
  var registered = 0
  var lost = 0
  var jobs: [JobView] = []
  /// Newest last.
  var recent: [Transaction] = []
  var board: DemoBoard.Contents?

  private static let leftColumns = 44
  private static let nameColumns = 9
  private static let stateColumns = 11
  private static let legendColumns = 28
  private static let barColumns = 10...60

  init(options: DemoOptions, startNs: UInt64) {
    self.options = options
    self.startNs = startNs
  }

  func lines(size: TerminalSize, nowNs: UInt64, paint: Paint) -> [String] {
    var lines = [title(nowNs: nowNs, paint), ""]
    lines += beside(processLines(paint), fleetLines(paint))
    lines.append("")
    if let cascade = board?.cascade, nowNs < cascade.shownUntilNs {
      lines += cascadeLines(cascade, size: size, rows: size.rows - lines.count, paint)
    } else {
      lines += jobLines(size: size, paint) + [""] + storyLines(nowNs: nowNs, paint) + [""]
      lines += recentLines(rows: size.rows - lines.count, paint)
    }
    return lines
  }

  // MARK: parts

  private func title(nowNs: UInt64, _ paint: Paint) -> String {
    let interval = HumanNumber.duration(ms: UInt64(options.intervalMs))
    let timeout = HumanNumber.duration(ms: UInt64(options.workerTimeoutMs))
    return paint("RINGMASTER", .bold, .cyan)
      + paint("  \(options.workers) workers, a heartbeat every \(interval), lost after \(timeout)", .dim)
      + "  " + paint(seconds(nowNs &- startNs), .bold)
  }

  private func processLines(_ paint: Paint) -> [String] {
    [paint("processes", .dim)]
      + processes.map { process in
        let share = process.cpuShare.map { HumanNumber.percent($0) } ?? "-"
        return padded(process.name, 18) + padded("pid \(process.pid)", 13) + paint(share, .bold) + " cpu"
      }
  }

  private func fleetLines(_ paint: Paint) -> [String] {
    let rate = rates.last.map { HumanNumber.rate(perSecond: $0) } ?? "-"
    let up = max(registered - lost, 0)
    return [
      paint("heartbeats", .dim),
      padded(paint(rate, .bold), 12) + paint(Sparkline.text(rates), .cyan),
      "\(HumanNumber.count(heartbeats)) applied, \(HumanNumber.count(transactions)) transactions",
      "workers " + paint("\(up) up", .bold, .green) + (lost > 0 ? ", " + paint("\(lost) lost", .bold, .red) : ""),
    ]
  }

  private func jobLines(size: TerminalSize, _ paint: Paint) -> [String] {
    let room = size.columns - Self.nameColumns - Self.stateColumns - Self.legendColumns
    let columns = min(max(room, Self.barColumns.lowerBound), Self.barColumns.upperBound)
    return [paint("jobs", .dim)]
      + jobs.map { job in
        padded(job.name, Self.nameColumns) + padded(paint(job.state.name, job.state.style), Self.stateColumns)
          + TaskBar(job).text(columns: columns, paint: paint) + "  " + TaskBar(job).legend
      }
  }

  private func storyLines(nowNs: UInt64, _ paint: Paint) -> [String] {
    guard let progress = board?.progress else { return [] }
    return zip(DemoStep.allCases, progress).map { step, progress in
      switch progress {
      case .waiting: paint("  · \(step.title)", .dim)
      case .running: paint("  ▸ \(step.title) …", .bold, .yellow)
      case .failed: paint("  ✗ \(step.title)", .bold, .red)
      case .done(let detail, let atNs):
        "  " + paint("✓", .bold, .green) + " " + paint(padded(seconds(atNs &- startNs), 8), .dim) + detail
      }
    }
  }

  private func recentLines(rows: Int, _ paint: Paint) -> [String] {
    guard rows > 1 else { return [] }
    return [paint("last transactions", .dim)]
      + recent.suffix(rows - 1).map { "  " + TransactionText($0, paint: paint).headline }
  }

  private func cascadeLines(
    _ cascade: DemoBoard.Cascade, size: TerminalSize, rows: Int, _ paint: Paint
  ) -> [String] {
    let text = TransactionText(cascade.transaction, paint: paint)
    let columns = min(max(size.columns - 2, 20), 100)
    let rule = paint(String(repeating: "━", count: columns), .red)
    let requeued = cascade.transaction.actions.count { $0.kind == .taskRequeued }
    let noticed = HumanNumber.duration(ms: UInt64(max(cascade.detectionMs, 0)))
    var lines = [
      rule,
      paint("  A WORKER IS LOST", .bold, .red) + "  noticed \(noticed) after it was killed",
      paint("  one event, one transaction, \(requeued) tasks requeued", .bold),
      rule, text.headline,
    ]
    let actions = text.actionLines
    let room = max(rows - lines.count - 2, 1)
    lines += actions.prefix(room)
    if actions.count > room { lines.append(paint("  … and \(actions.count - room) more actions", .dim)) }
    return lines
  }

  // MARK: text

  private func beside(_ left: [String], _ right: [String]) -> [String] {
    (0..<max(left.count, right.count)).map { row in
      let first = row < left.count ? left[row] : ""
      return padded(first, Self.leftColumns) + (row < right.count ? right[row] : "")
    }
  }

  private func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(columns - text.displayWidth, 1))
  }

  private func seconds(_ ns: UInt64) -> String {
    let tenths = ns / 100_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
