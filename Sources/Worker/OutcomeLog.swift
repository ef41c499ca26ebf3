import EventModel
import Platform

/// How attempts ended that the controller does not have yet: on the disk before it is reported, many with one sync.
///
/// A line an end. What a loss of power leaves of the last ones is no line: these were reported to nobody.
struct OutcomeLog {
  private let path: String
  private var file: Held
  private(set) var pending: [AttemptID: TaskOutcome] = [:]
  private var bytes: Int

  /// When it is longer, what is pending is written anew.
  private static let longestBytes = 4 << 20
  private static let mark = " ."
  private static let answered = " answered ."
  private static let longestError = OutcomeFile.maximumBytes - 256

  private final class Held {
    let file: File

    init(_ file: consuming File) {
      self.file = file
    }
  }

  init(path: String) throws {
    self.path = path
    let file = Folder.fileExists(path) ? try File.open(writingTo: path) : try File.create(path)
    let text = String(decoding: try file.contents(atMost: 2 * Self.longestBytes), as: UTF8.self)
    bytes = try file.size()
    self.file = Held(file)
    for line in text.split(separator: "\n") {
      if let (id, outcome) = Self.parse(line) {
        pending[id] = outcome
      } else if line.hasSuffix(Self.answered), let id = AttemptID(String(line.dropLast(Self.answered.count))) {
        pending[id] = nil
      }
    }
  }

  /// Writes ends down; durable when this returns.
  mutating func append(_ ends: [(id: AttemptID, outcome: TaskOutcome)]) throws {
    let ends = ends.filter { pending[$0.id] != $0.outcome }
    guard !ends.isEmpty else { return }
    if bytes > Self.longestBytes { try rewrite() }
    // Behind what a loss of power may have left without its end.
    let text = "\n" + ends.map { Self.line($0.id, $0.outcome) }.joined()
    try file.file.append(text)
    bytes += text.utf8.count
    try File.syncData(file.file.rawDescriptor)
    for (id, outcome) in ends { pending[id] = outcome }
  }

  /// The controller has it. That may be lost: it is reported once more then.
  mutating func remove(_ id: AttemptID) throws {
    guard pending.removeValue(forKey: id) != nil else { return }
    if pending.isEmpty {
      try File.cut(file.file.rawDescriptor, to: 0)
      bytes = 0
    } else {
      let text = "\n\(id)\(Self.answered)\n"
      try file.file.append(text)
      bytes += text.utf8.count
    }
  }

  /// In another file, which then takes the place of this one: there is no moment without what is pending.
  private mutating func rewrite() throws {
    let text = pending.map { Self.line($0.key, $0.value) }.joined()
    let next = Held(try File.create("\(path).new"))
    try File.cut(next.file.rawDescriptor, to: 0)
    try next.file.append(text)
    try File.syncData(next.file.rawDescriptor)
    try Folder.rename("\(path).new", to: path)
    try Folder.sync(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
    (file, bytes) = (next, text.utf8.count)
  }

  private static func line(_ id: AttemptID, _ outcome: TaskOutcome) -> String {
    var outcome = outcome
    outcome.error = outcome.error?.replacing("\0", with: " ").cutVisibly(toBytes: longestError)
    return "\(id) \(OutcomeFile.line(outcome).dropLast())\(mark)\n"
  }

  private static func parse(_ line: Substring) -> (AttemptID, TaskOutcome)? {
    guard line.hasSuffix(mark), let space = line.firstIndex(of: " "), let id = AttemptID(String(line[..<space])) else {
      return nil
    }
    let text = line[space...].dropFirst().dropLast(mark.count) + "\n"
    return (OutcomeFile.outcome(Array(text.utf8)) ?? earlier(text)).map { (id, $0) }
  }

  /// As a program before this one wrote it: REASON EXIT-CODE ERROR.
  private static func earlier(_ text: Substring) -> TaskOutcome? {
    let words = text.dropLast().split(separator: " ", maxSplits: 2)
    guard words.count >= 2, let reason = EndReason(name: String(words[0])), words[1] == "-" || Int32(words[1]) != nil
    else { return nil }
    return TaskOutcome(reason, exitCode: Int32(words[1]), error: words.count > 2 ? String(words[2]) : nil)
  }
}
