import ArgumentParser
import CRingperf
import Platform

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
