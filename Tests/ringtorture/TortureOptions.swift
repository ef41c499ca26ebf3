import ArgumentParser
import Glibc
import SeededRandom

struct TortureOptions: ParsableArguments {
  @Option(help: "Rounds to run.")
  var rounds = 50

  @Option(help: "What everything else is chosen by; a new one each time if none is given.")
  var seed = UInt64.random(in: 0..<1 << 32)

  @Option(help: ArgumentHelp("Run this round alone; they count from 0.", valueName: "number"))
  var round: Int?

  @Option(help: ArgumentHelp("Events of each client in a round.", valueName: "number"))
  var events = 2000

  @Option(
    help: ArgumentHelp("How long a dispatcher waits for peers of the one before it.", valueName: "ms"))
  var reattachTimeout: Int64 = 1500

  @Option(help: ArgumentHelp("Where rounds are run, and left when they fail.", valueName: "folder"))
  var keep: String?

  @Option(help: ArgumentHelp("Commit a fault that must be found.", valueName: "fault"))
  var sabotage: Sabotage?

  @Flag(help: "Print the result as one JSON object.")
  var json = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds: expected at least 1") }
    guard (20...20_000).contains(events) else { throw ValidationError("--events: expected 20 to 20000") }
  }

  var roundNumbers: [Int] {
    round.map { [$0] } ?? Array(0..<rounds)
  }

  func seed(ofRound round: Int) -> UInt64 {
    var random = SeededGenerator(seed: seed &+ UInt64(round) &* 0x9E37_79B9)
    return random.next()
  }

  /// Beside this one: the folder of a build.
  var programs: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let text = String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }
}
