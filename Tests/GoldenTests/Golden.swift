import Foundation
import Testing

/// The files of `Tests/Golden`: every format as it was released, and beside each what it decodes to, as text.
enum Golden {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden")

  /// That newest version of a format whose file has this name, which is written today.
  private static func path(_ name: String) -> URL {
    folder.appending(path: "version-\(name.hasPrefix("snapshot.") ? 4 : 2)/\(name)")
  }

  /// Asked to write them anew, which is right before a version is released and wrong ever after.
  static let isWriting = ProcessInfo.processInfo.environment["RINGMASTER_WRITE_GOLDEN"] != nil

  private static func advice(_ name: String, _ constant: String) -> Comment {
    """
    the format of \(name) has changed. Give it a new version number (\(constant)), let programs of the new version still \
    read the files of Tests/Golden or refuse them as older, and add a folder: see Tests/Golden/README.md
    """
  }

  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: path(name))) }

  /// A file of an older version.
  static func bytes(_ name: String, version: Int) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: "version-\(version)/\(name)")))
  }

  /// The file of this name; when asked to write it anew, what `make` makes.
  static func file(_ name: String, _ make: () throws -> [UInt8]) throws -> [UInt8] {
    if isWriting {
      let path = path(name)
      try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(try make()).write(to: path, options: .atomic)
    }
    return try bytes(name)
  }

  /// Compares what a file decodes to with the text beside it.
  static func expect(
    _ lines: [String], of name: String, _ constant: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = lines.joined(separator: "\n") + "\n"
    let golden = try file("\(name).txt") { Array(text.utf8) }
    let expected = String(decoding: golden, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    for (line, wanted) in zip(text.split(separator: "\n", omittingEmptySubsequences: false), expected) {
      guard line != wanted else { continue }
      Issue.record(
        "\(advice(name, constant).rawValue): expected \(wanted), got \(line)", sourceLocation: sourceLocation)
      return
    }
    #expect(text.utf8.count == golden.count, advice(name, constant), sourceLocation: sourceLocation)
  }

  /// Compares what is written now with the file.
  static func expect(
    _ written: [UInt8], isAs name: String, _ constant: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let golden = try bytes(name)
    let isSame = written == golden
    let first = zip(written, golden).enumerated().first { $1.0 != $1.1 }?.offset ?? min(written.count, golden.count)
    #expect(
      isSame, "\(advice(name, constant).rawValue); they differ at byte \(first)", sourceLocation: sourceLocation)
  }
}
