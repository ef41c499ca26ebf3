import EventModel
import Platform

/// How an attempt ended, as one line of KEY=VALUE. The error comes last and goes on to the end.
enum OutcomeFile {
  static let maximumBytes = 4096

  static func line(_ outcome: TaskOutcome) -> String {
    var line = "reason=\(outcome.reason.name)"
    if let code = outcome.exitCode { line += " exit_code=\(code)" }
    if let bytes = outcome.peakMemoryBytes { line += " peak_memory=\(bytes)" }
    if let ns = outcome.cpuNs { line += " cpu_ns=\(ns)" }
    if let error = outcome.error { line += " error=\(String(error.map { $0.isNewline ? " " : $0 }))" }
    return line + "\n"
  }

  /// - Returns: nil for anything but a whole line, as a power cut may leave it.
  static func outcome(_ bytes: [UInt8]) -> TaskOutcome? {
    guard bytes.count <= maximumBytes, bytes.last == UInt8(ascii: "\n"), !bytes.contains(0) else { return nil }
    var rest = Substring(String(decoding: bytes.dropLast(), as: UTF8.self))
    var outcome: TaskOutcome?
    while !rest.isEmpty {
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let key = rest[..<equals]
      rest = rest[rest.index(after: equals)...]
      let end = key == "error" ? rest.endIndex : rest.firstIndex(of: " ") ?? rest.endIndex
      let value = String(rest[..<end])
      rest = rest[end...].dropFirst()
      if key == "reason" {
        guard let reason = EndReason(name: value) else { return nil }
        outcome = TaskOutcome(reason)
      } else {
        guard outcome?.take(key, value) == true else { return nil }
      }
    }
    return outcome
  }

  /// Returns once it is on the medium.
  static func write(_ outcome: TaskOutcome, in folder: String) throws {
    let path = "\(folder)/outcome.new"
    let file = try File.create(path)
    try file.append(line(outcome))
    try File.syncData(file.rawDescriptor)
    try Folder.rename(path, to: "\(folder)/outcome")
    try Folder.sync(folder)
  }
}

extension TaskOutcome {
  /// - Returns: false for a value that cannot be. A key of another version is no fault.
  fileprivate mutating func take(_ key: Substring, _ value: String) -> Bool {
    switch key {
    case "exit_code":
      exitCode = Int32(value)
      return exitCode != nil
    case "peak_memory":
      peakMemoryBytes = Int64(value)
      return peakMemoryBytes != nil
    case "cpu_ns":
      cpuNs = UInt64(value)
      return cpuNs != nil
    case "error":
      error = value
      return true
    default: return true
    }
  }
}
