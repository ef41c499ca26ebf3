import Foundation
import Platform

/// The checkout that this test was built from.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// What is not ignored, by its path from the root. New files count before they are added.
  static func paths() throws -> [String] {
    let listed = try git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    let paths = listed.split(separator: "\0").map(String.init)
    // A file that was removed but not committed is still listed.
    return Set(paths).filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }.sorted()
  }

  /// The same, in the given folders and with the given endings.
  static func paths(in folders: [String], endings: [String]) throws -> [String] {
    try paths().filter { path in
      folders.contains { path.hasPrefix($0 + "/") } && endings.contains { path.hasSuffix("." + $0) }
    }
  }

  static func lines(of path: String) throws -> [Substring] {
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  private struct GitFailed: Error {
    let arguments: [String]
    let end: ProcessEnd
  }

  private static func git(_ arguments: String...) throws -> String {
    // A checkout may belong to another user than the one who tests it.
    let outcome = try ProcessLaunch.run(
      ["/usr/bin/env", "git", "-c", "safe.directory=*", "-C", root.path] + arguments)
    guard outcome.end == .code(0) else { throw GitFailed(arguments: arguments, end: outcome.end) }
    return outcome.output
  }
}
