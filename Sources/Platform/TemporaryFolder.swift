import Glibc

/// A fresh folder for the files of one run.
public struct TemporaryFolder: Sendable {
  public let path: String

  /// TMPDIR or `/tmp`.
  public static var parent: String {
    Environment.value("TMPDIR") ?? "/tmp"
  }

  /// In TMPDIR or `/tmp`, named `PREFIX.` and six letters.
  public init(prefix: String) throws {
    let parent = Self.parent
    var template = Array("\(parent)/\(prefix).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError.last("create a folder in \(parent)", advice: "set TMPDIR to a folder that can be written")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes it with everything in it.
  public func remove() {
    Folder.removeTree(path)
  }

  /// Makes `path` a folder unless it is one.
  public static func ensure(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw SystemError.last("create the folder \(path)")
    }
  }
}
