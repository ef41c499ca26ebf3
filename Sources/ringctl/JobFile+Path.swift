import JobFile
import Platform

extension JobFile {
  /// The longest file that is read: far above what a job may say.
  private static let maximumBytes = 65_536

  /// The job in a file; nil when `path` is no file's but a job's name.
  ///
  /// - Throws: `SystemError` when it cannot be read, `ConfigurationError` with all that is wrong in it.
  init?(ifAt path: String) throws {
    let isTOML = path.hasSuffix(".toml")
    guard isTOML || (path.contains("/") || path.contains(".")) && Folder.fileExists(path) else { return nil }
    let bytes = try TextFile.contents(path, maximumBytes: Self.maximumBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure("\(path): expected UTF-8, got other bytes")
    }
    if isTOML { try self.init(toml: text, source: path) } else { try self.init(script: text, source: path) }
  }

  /// `train` of `/srv/train.toml`.
  static func name(ofFileAt path: String) -> String {
    let last = path.split(separator: "/").last ?? path[...]
    guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return String(last) }
    return String(last[..<dot])
  }
}
