import Foundation

/// What libFuzzer does with the door of the dispatcher; see Tests/ringfuzz/run.
@main
struct RingFuzz {
  static func main() {
    #if Fuzz
      let arguments = CommandLine.arguments
      guard arguments.count > 1, let target = FuzzTarget(rawValue: arguments[1]) else {
        fail(
          "usage: ringfuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) [CORPUS] [-OPTION=VALUE ...]")
      }
      do {
        if arguments.count == 4, arguments[2] == "--seeds" {
          for (number, seed) in try target.seeds().enumerated() {
            try Data(seed).write(to: URL(filePath: arguments[3]).appending(path: "\(target)-\(number)"))
          }
          return
        }
        try Fuzzer.run(target, [arguments[0]] + arguments.dropFirst(2))
      } catch {
        fail("\(error)")
      }
    #else
      fail("ringfuzz is built without libFuzzer: call Tests/ringfuzz/run")
    #endif
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(64)
  }
}
