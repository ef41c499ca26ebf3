import EventModel
import Platform

/// What a worker keeps of an attempt beside what its driver has: how it is stopped, and that it was asked to stop. It means
/// something in one boot of the machine alone, as the attempt does.
package struct AttemptNote: Equatable {
  var job: JobHandle
  var index: Int
  var stop = AttemptBook.StopWay()
  package var stopReason: EndReason?
  var isOver = false

  init(_ entry: AttemptBook.Entry) {
    (job, index, stop, stopReason, isOver) = (entry.job, entry.index, entry.stop, entry.stopReason, entry.isOver)
  }

  /// One line for each that there is; the last line says that nothing is missing.
  var text: String {
    var lines = ["job \(job.rawValue)", "index \(index)", "signal \(stop.signal)", "timeout \(stop.timeoutMs)"]
    if stop.runsOnWhenCutOff { lines.append("runs-on") }
    if let stopReason { lines.append("stopping \(stopReason.name)") }
    if isOver { lines.append("over") }
    return lines.joined(separator: "\n") + "\nend\n"
  }

  /// - Returns: nil when the text is not whole: the machine ended while it was written.
  init?(_ text: String) {
    guard text.hasSuffix("\nend\n") else { return nil }
    (job, index) = (.none, 0)
    for line in text.split(separator: "\n").dropLast() {
      let words = line.split(separator: " ", maxSplits: 1)
      let value = words.count > 1 ? String(words[1]) : ""
      switch words[0] {
      case "job": job = JobHandle(rawValue: UInt64(value) ?? 0)
      case "index": index = Int(value) ?? 0
      case "signal": stop.signal = Int32(value) ?? stop.signal
      case "timeout": stop.timeoutMs = Int64(value) ?? stop.timeoutMs
      case "runs-on": stop.runsOnWhenCutOff = true
      case "stopping": stopReason = EndReason(name: value)
      case "over": isOver = true
      default: return nil
      }
    }
  }
}

/// The notes of a worker: a file an attempt, which goes when the controller has its end.
struct AttemptNotes {
  private let folder: String
  private static let longestBytes = 4096

  init(folder: String) throws {
    try Folder.ensure(folder)
    self.folder = folder
  }

  /// All that are whole.
  ///
  /// - Parameter cleans: removes what is not; for the worker alone, which may be writing otherwise.
  func readAll(cleans: Bool) throws -> [AttemptID: AttemptNote] {
    var notes: [AttemptID: AttemptNote] = [:]
    for name in try Folder.names(in: folder) {
      if let id = AttemptID(name), let note = read(id) {
        notes[id] = note
      } else if cleans, !isBeingWritten(name) {
        try Folder.removeFile("\(folder)/\(name)")
      }
    }
    return notes
  }

  /// By the fence: what its name ends with is the process that writes it.
  private func isBeingWritten(_ name: String) -> Bool {
    name.hasPrefix(".") && name.split(separator: ".").last.flatMap { Int32($0) }.map(Machine.processExists) ?? false
  }

  /// - Returns: nil when there is none that is whole.
  func read(_ id: AttemptID) -> AttemptNote? {
    guard let bytes = try? TextFile.contents("\(folder)/\(id)", maximumBytes: Self.longestBytes) else { return nil }
    return AttemptNote(String(decoding: bytes, as: UTF8.self))
  }

  func write(_ note: AttemptNote, of id: AttemptID) throws {
    // The fence may write it at the same time.
    let temporary = "\(folder)/.\(id).\(Machine.processID())"
    let file = try File.create(temporary)
    try file.append(note.text)
    try Folder.rename(temporary, to: "\(folder)/\(id)")
  }

  func remove(_ id: AttemptID) throws {
    try Folder.removeFile("\(folder)/\(id)")
  }
}
