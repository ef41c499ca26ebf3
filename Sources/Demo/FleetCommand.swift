import Platform

/// What a fleet is told on standard input.
enum FleetCommand: Hashable, Sendable {
  /// This worker falls silent: no heartbeats, no reports, no word about it.
  case kill(worker: String)
  /// All heartbeats stop; tasks go on.
  case stopHeartbeats
  case quit
  case unknown(String)

  init(_ line: String) {
    let words = line.split(separator: " ")
    switch (words.first, words.count) {
    case ("kill", 2): self = .kill(worker: String(words[1]))
    case ("stop-heartbeats", 1): self = .stopHeartbeats
    case ("quit", 1): self = .quit
    default: self = .unknown(line)
    }
  }
}

/// Standard input as commands.
struct FleetCommandReader: ~Copyable {
  private let input = InputSource.standardInput
  private var partial: [UInt8] = []

  /// Readable when there is something to `read`.
  var descriptor: Int32 {
    input.descriptor
  }

  /// The commands that one read brings. The end of the input means `quit`: who began the fleet is gone.
  mutating func read() throws -> [FleetCommand] {
    guard let bytes = try input.read(upTo: FleetLimits.commandBytes) else { return [] }
    return bytes.isEmpty ? [.quit] : take(bytes)
  }

  /// The commands of the lines that `bytes` complete.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [FleetCommand] {
    partial += bytes
    var commands: [FleetCommand] = []
    while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: partial[..<end], as: UTF8.self)
      partial.removeSubrange(...end)
      if !line.allSatisfy(\.isWhitespace) { commands.append(FleetCommand(line)) }
    }
    if partial.count > FleetLimits.commandBytes { partial.removeAll() }
    return commands
  }
}
