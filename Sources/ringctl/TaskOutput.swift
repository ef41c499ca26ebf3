import EventJSON
import EventModel
import Platform
import RingmasterClient

/// A line that a task wrote.
struct OutputLine {
  let task: String
  let attempt: UInt32
  let text: String
}

/// What the tasks of a job have written, on this machine: read on from where the last look ended.
protocol TaskOutput {
  /// The lines that came since, those of each task in the order of their writing.
  mutating func lines() throws -> [OutputLine]
  /// What was written before can be read when this returns.
  ///
  /// - Returns: false when that cannot be said.
  mutating func settle() throws -> Bool
}

/// Which lines are wanted.
struct OutputFilter {
  /// Nil: of all tasks.
  var index: Int?
  var attempt: UInt32?
  /// Nil: from the beginning.
  var sinceMs: Int64?
}

/// The attempts of some tasks, by their ids.
struct WantedAttempts {
  private let cluster: String
  private let attempt: UInt32?
  /// Names by handles: a job before this one may have had the same name.
  private let tasks: [UInt64: String]

  /// - Parameter attempt: nil for all.
  init(cluster: String, tasks: [TaskView], attempt: UInt32?) {
    self.cluster = cluster
    self.attempt = attempt
    var names: [UInt64: String] = [:]
    for task in tasks { names[task.handle.rawValue] = task.name.description }
    self.tasks = names
  }

  struct Attempt {
    let task: String
    let number: UInt32
    let assignedMs: Int64
  }

  /// - Parameter id: CLUSTER-TASK-ATTEMPT-TIME, as workers name attempts.
  subscript(id: some StringProtocol) -> Attempt? {
    let parts = id.split(separator: "-")
    guard parts.count == 4, parts[0] == cluster, let handle = UInt64(parts[1], radix: 16), let task = tasks[handle],
      let number = UInt32(parts[2], radix: 16), let assignedMs = Int64(parts[3], radix: 16),
      attempt == nil || attempt == number
    else { return nil }
    return Attempt(task: task, number: number, assignedMs: assignedMs)
  }
}

/// Of tasks that systemd runs: the journal has their output, each line with its attempt.
struct JournaledOutput: TaskOutput {
  private let job: String
  private let sinceMs: Int64?
  private let wanted: WantedAttempts
  private var cursor: String?

  init(job: String, sinceMs: Int64?, _ wanted: WantedAttempts) {
    self.job = job
    self.sinceMs = sinceMs
    self.wanted = wanted
  }

  private static let program = "/usr/bin/journalctl"

  static var isThere: Bool { Folder.fileExists(program) }

  mutating func lines() throws -> [OutputLine] {
    var arguments = [
      Self.program, "--quiet", "--no-pager", "--all", "--output=json", "--show-cursor",
      "--output-fields=MESSAGE,RINGMASTER_ATTEMPT_ID,_SYSTEMD_UNIT",
    ]
    if let cursor {
      arguments.append("--after-cursor=\(cursor)")
    } else if let sinceMs {
      arguments.append("--since=@\(sinceMs / 1000)")
    }
    arguments.append("RINGMASTER_JOB=\(job)")
    let outcome = try ProcessLaunch.run(arguments)
    guard outcome.end == .code(0) || outcome.end == .code(1) else {
      throw CommandFailure("journalctl \(outcome.end): \(outcome.errors)")
    }
    var lines: [OutputLine] = []
    for line in outcome.output.split(separator: "\n") {
      if line.hasPrefix("-- cursor: ") {
        cursor = String(line.dropFirst("-- cursor: ".count))
        continue
      }
      guard let entry = try? JSONValue(parsing: Array(line.utf8)),
        case .string(let id)? = entry["RINGMASTER_ATTEMPT_ID"],
        // Any process can write a line with that field, but with this one only the unit itself.
        case .string(let unit)? = entry["_SYSTEMD_UNIT"], unit.hasSuffix("-\(id).service"), let attempt = wanted[id]
      else { continue }
      lines.append(
        OutputLine(task: attempt.task, attempt: attempt.number, text: entry["MESSAGE"]?.outputText ?? ""))
    }
    return lines
  }

  /// The journal has all that was written before, as far as this user may ask for that.
  mutating func settle() throws -> Bool {
    try ProcessLaunch.run([Self.program, "--quiet", "--sync"]).end == .code(0)
  }
}

extension JSONValue {
  /// A text, or the bytes of one that is not UTF-8.
  fileprivate var outputText: String {
    switch self {
    case .string(let text): return text
    case .array(let elements):
      var bytes: [UInt8] = []
      for case .number(let byte) in elements { bytes.append(UInt8(byte) ?? UInt8(ascii: "?")) }
      return String(decoding: bytes, as: UTF8.self)
    default: return ""
    }
  }
}

/// Of tasks that the driver `process` runs: a file an attempt.
struct FiledOutput: TaskOutput {
  private let folder: String
  private let wanted: WantedAttempts
  private var offsets: [String: Int] = [:]
  private var rests: [String: [UInt8]] = [:]
  private var isSettled = false

  /// - Parameter folder: the worker's state folder.
  init(folder: String, _ wanted: WantedAttempts) {
    self.folder = folder
    self.wanted = wanted
  }

  private static let pieceBytes = 1 << 20
  private static let suffix = ".out"

  mutating func lines() throws -> [OutputLine] {
    var lines: [OutputLine] = []
    for (name, attempt) in attempts() {
      for text in try newLines(of: name) {
        lines.append(OutputLine(task: attempt.task, attempt: attempt.number, text: text))
      }
    }
    return lines
  }

  /// A last line may have no end.
  mutating func settle() -> Bool {
    isSettled = true
    return true
  }

  /// Those that are wanted, in the order of their assignment.
  private func attempts() -> [(name: String, WantedAttempts.Attempt)] {
    let running: [String] = (try? Folder.names(in: "\(folder)/tasks")) ?? []
    let logs: [String] = (try? Folder.names(in: "\(folder)/logs")) ?? []
    let ended = logs.filter { $0.hasSuffix(Self.suffix) }.map { String($0.dropLast(Self.suffix.count)) }
    var attempts: [(name: String, WantedAttempts.Attempt)] = []
    for name in Set(running + ended) {
      if let attempt = wanted[name] { attempts.append((name, attempt)) }
    }
    return attempts.sorted { ($0.1.assignedMs, $0.name) < ($1.1.assignedMs, $1.name) }
  }

  private static func piece(of path: String, at offset: Int) throws -> [UInt8] {
    let file = try File.open(readingFrom: path)
    var bytes = [UInt8](repeating: 0, count: pieceBytes)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
    return Array(bytes.prefix(count))
  }

  /// An attempt's file moves when it is released, and keeps what it has.
  private mutating func newLines(of name: String) throws -> [String] {
    let paths = ["\(folder)/tasks/\(name)/output", "\(folder)/logs/\(name).out"]
    guard let path = paths.first(where: Folder.fileExists) else { return [] }
    var bytes = rests[name] ?? []
    while true {
      let piece = try Self.piece(of: path, at: offsets[name] ?? 0)
      guard !piece.isEmpty else { break }
      bytes += piece
      offsets[name, default: 0] += piece.count
    }
    var lines: [String] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(String(decoding: bytes[start..<index], as: UTF8.self))
      start = index + 1
    }
    rests[name] = Array(bytes[start...])
    if isSettled, let rest = rests[name], !rest.isEmpty {
      lines.append(String(decoding: rest, as: UTF8.self))
      rests[name] = []
    }
    return lines
  }
}
