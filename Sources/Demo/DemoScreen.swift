import EventModel
import Platform
import RingmasterClient
import Synchronization
import Telemetry
import Terminal

/// Repaints the live screen until it is told to stop.
final class DemoScreen: Sendable {
  private let options: DemoOptions
  private let board: DemoBoard
  private let processes: DemoProcesses
  private let paint: Paint
  private let client: Mutex<RingmasterClient?> = Mutex(nil)
  private static let framePeriod = Duration.milliseconds(100)
  /// A query of jobs every so many frames.
  private static let framesPerQuery = 2
  /// A rate over so many frames, one column of the sparkline.
  private static let framesPerRate = 5
  private static let rateHistory = 40

  init(options: DemoOptions, board: DemoBoard, processes: DemoProcesses, paint: Paint) {
    self.options = options
    self.board = board
    self.processes = processes
    self.paint = paint
  }

  func connect(_ client: RingmasterClient) {
    self.client.withLock { $0 = client }
  }

  /// Paints until the task is cancelled, and gives the terminal back.
  func paint(_ watch: ClusterWatch) async {
    guard var painter = LivePainter() else { return }
    var frame = DemoFrame(options: options, startNs: board.startNs)
    var meters: [Int32: ProcessMeter] = [:]
    var shares: [Int32: Double] = [:]
    var lastApplied: (count: UInt64, ns: UInt64)?
    var count = 0
    while !Task.isCancelled {
      let nowNs = Clock.bootNs()
      if count % Self.framesPerRate == 0 {
        for process in processes.all {
          if let share = meters[process.pid, default: ProcessMeter(pid: process.pid)].cpuShare(nowNs: nowNs) {
            shares[process.pid] = share
          }
        }
        noteRate(&frame, &lastApplied, nowNs: nowNs)
      }
      if count % Self.framesPerQuery == 0 { await noteJobs(&frame) }
      frame.processes = processes.all.map { ($0.name, $0.pid, shares[$0.pid]) }
      frame.registered = watch.registeredWorkers
      frame.lost = watch.losses.count
      frame.recent = watch.recent
      frame.board = board.snapshot
      let size = TerminalSize() ?? .standard
      painter.paint(frame.lines(size: size, nowNs: nowNs, paint: paint), nowNs: Clock.monotonicNs())
      count += 1
      try? await Task.sleep(for: Self.framePeriod)
    }
  }

  /// From the dispatcher's counter page: costs the dispatcher nothing.
  private func noteRate(_ frame: inout DemoFrame, _ last: inout (count: UInt64, ns: UInt64)?, nowNs: UInt64) {
    guard let page = try? CounterPageReader.read(instance: processes.instance, process: "ringmasterd"),
      let applied = page["heartbeats_applied"]
    else { return }
    frame.transactions = page["transactions"] ?? 0
    frame.heartbeats = applied
    if let last, nowNs > last.ns, applied >= last.count {
      frame.rates.append(Double(applied - last.count) / (Double(nowNs - last.ns) / 1e9))
      if frame.rates.count > Self.rateHistory { frame.rates.removeFirst() }
    }
    last = (applied, nowNs)
  }

  private func noteJobs(_ frame: inout DemoFrame) async {
    guard let client = client.withLock({ $0 }), let rows = try? await client.query(.jobs, timeout: .seconds(1)) else {
      return
    }
    frame.jobs = rows.compactMap { row in
      if case .job(let job) = row { job } else { nil }
    }
  }
}
