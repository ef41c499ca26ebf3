import ArgumentParser
import Foundation
import Schema

@main
struct RingSchema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringschema", abstract: "Makes what follows from Sources/Schema/vocabulary.toml.")

  @Flag(help: "Write nothing; fail when a file is not what follows from the vocabulary.")
  var check = false

  @Argument(help: "The root of the package.")
  var root = "."

  func run() throws {
    let root = URL(fileURLWithPath: root)
    let source = root.appending(path: "Sources/Schema/vocabulary.toml")
    var stale: [String] = []
    for output in try Vocabulary(String(contentsOf: source, encoding: .utf8)).outputs() {
      let file = root.appending(path: output.path)
      guard (try? String(contentsOf: file, encoding: .utf8)) != output.text else { continue }
      stale.append(output.path)
      if check { continue }
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try output.text.write(to: file, atomically: true, encoding: .utf8)
      print("wrote \(output.path)")
    }
    if check, !stale.isEmpty {
      throw ValidationError("not what follows from the vocabulary: \(stale.joined(separator: ", ")); run ringschema")
    }
  }
}
