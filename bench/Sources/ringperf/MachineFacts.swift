import EventJSON
import Foundation
import Platform

/// What figures mean nothing without: the machine and the commit they were taken on.
struct MachineFacts: Sendable {
  let cpu: String
  let cores: Int
  let kernel: String
  let memoryBytes: UInt64
  let isVirtual: Bool
  /// Of one minute, when the benchmark began.
  let load: Double
  let gitCommit: String

  static func read() -> MachineFacts {
    let info = text("/proc/cpuinfo")
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return MachineFacts(
      cpu: name ?? "unknown",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      kernel: text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
      memoryBytes: ProcessInfo.processInfo.physicalMemory,
      isVirtual: info.contains("hypervisor"),
      load: Double(text("/proc/loadavg").prefix { $0 != " " }) ?? 0,
      gitCommit: commit())
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// Of the source tree that the executable was built in; "-dirty" when it was changed since.
  private static func commit() -> String {
    let folder = URL(fileURLWithPath: Executable.own).deletingLastPathComponent().path
    guard let head = git(["-C", folder, "rev-parse", "HEAD"]) else { return "unknown" }
    let changes = git(["-C", folder, "status", "--porcelain", "--untracked-files=no"]) ?? ""
    return changes.isEmpty ? head : head + "-dirty"
  }

  private static func git(_ arguments: [String]) -> String? {
    guard let outcome = try? ProcessLaunch.run(["/usr/bin/env", "git"] + arguments), outcome.end == .code(0) else {
      return nil
    }
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  var json: JSONValue {
    .object([
      .init("cpu", .string(cpu)), .init("cores", .integer(cores)), .init("kernel", .string(kernel)),
      .init("memory_bytes", .integer(memoryBytes)), .init("virtual", .boolean(isVirtual)),
      .init("load_1m", .decimal(load)),
    ])
  }

  /// Of one that is known and not changed since.
  var isOfACommit: Bool { gitCommit != "unknown" && !gitCommit.hasSuffix("-dirty") }

  var line: String {
    "\(cpu), \(cores) cores\(isVirtual ? " of a virtual machine" : ""), Linux \(kernel), load \(load)"
  }
}
