import ArgumentParser
import CRingperf
import Platform

/// Where the figures go.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object with stable keys instead of the table.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write the first latencies of the report as an HdrHistogram percentile distribution.", valueName: "file"))
  var hdr: String?
}

/// How often it is measured, and where.
struct RoundOptions: ParsableArguments {
  @Option(help: "Rounds that count; what is compared takes turns, round by round.")
  var repeats = 7

  @Option(help: "Rounds before those, which do not count.")
  var warmup = 1

  @Option(help: "Processors: the first for the side that measures, the second for the other; or any.")
  var cpus = CPUList.firstTwo

  static let repeatLimits = 1...10_000

  func validate() throws {
    guard Self.repeatLimits.contains(repeats) else {
      throw ValidationError("--repeats: expected 1 to 10000, got \(repeats)")
    }
    guard warmup >= 0, warmup <= Self.repeatLimits.upperBound else {
      throw ValidationError("--warmup: expected 0 to 10000, got \(warmup)")
    }
  }
}

/// A power of two from the ring's limits.
struct RingCapacity: ExpressibleByArgument, Hashable, CustomStringConvertible {
  let slots: Int

  init?(argument: String) {
    guard let slots = Int(argument), (64...(1 << 20)).contains(slots), slots & (slots - 1) == 0 else { return nil }
    self.slots = slots
  }

  init(_ slots: Int) {
    self.slots = slots
  }

  var description: String {
    String(slots)
  }
}

/// Several counts, as `1000,100000`.
struct CountList: ExpressibleByArgument, Hashable, CustomStringConvertible {
  let counts: [Int]

  init?(argument: String) {
    let counts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !counts.isEmpty, counts.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
    self.counts = counts.compactMap { $0 }
  }

  init(_ counts: [Int]) {
    self.counts = counts
  }

  var description: String {
    counts.map(String.init).joined(separator: ",")
  }
}

/// Refuses a count that is not possible.
func expect(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  guard range.contains(value) else {
    throw ValidationError("\(option): expected \(range.lowerBound) to \(range.upperBound), got \(value)")
  }
}

/// Processors to run on: the first for the side that measures, the second for the other.
struct CPUList: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
  let cpus: [Int]

  static let maxCPU = 1023

  /// - Parameter argument: `0,1`, `2-5`, or `any` to leave it to the scheduler.
  init?(argument: String) {
    if argument == "any" {
      cpus = []
      return
    }
    var cpus: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
        first >= 0, first <= last, last <= Self.maxCPU
      else { return nil }
      cpus += first...last
    }
    guard !cpus.isEmpty, Set(cpus).count == cpus.count else { return nil }
    self.cpus = cpus
  }

  init(_ cpus: [Int]) {
    self.cpus = cpus
  }

  /// The first two processors that this process may use.
  static var firstTwo: CPUList {
    var room = [Int32](repeating: 0, count: 2)
    let count = rp_allowed_cpus(&room, 2)
    return CPUList(room.prefix(Int(max(count, 0))).map(Int.init))
  }

  var description: String {
    cpus.isEmpty ? "any" : cpus.map(String.init).joined(separator: ",")
  }

  /// Of the measuring side.
  var own: [Int] {
    Array(cpus.prefix(1))
  }

  /// Of the other side; the same one when there is no other.
  var other: [Int] {
    cpus.count > 1 ? [cpus[1]] : own
  }

  /// Pins the calling thread, and what it starts from then on; an empty list leaves it free.
  static func pin(_ cpus: [Int]) throws {
    guard !cpus.isEmpty else { return }
    let code = rp_set_affinity(cpus.map(Int32.init), Int32(cpus.count))
    guard code == 0 else {
      throw SystemError("run on cpu \(CPUList(cpus))", code: -code, advice: "name other processors with --cpus")
    }
  }
}
