import Foundation

/// A file system of a few pages, for tests of a full disk: a tmpfs, mounted at a folder of its own.
public final class SmallFileSystem {
  public let folder: String

  /// Whether this process may mount one: for `.enabled(if:)`.
  public static let isPossible = (try? SmallFileSystem(bytes: 1 << 20)) != nil

  public struct NotMounted: Error, CustomStringConvertible {
    public let description: String
  }

  public init(bytes: Int) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "small-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard mount("none", folder, "tmpfs", 0, "size=\(bytes)") == 0 else {
      let reason = String(cString: strerror(errno))
      rmdir(folder)
      throw NotMounted(description: "mount \(folder): \(reason)")
    }
  }

  deinit {
    umount2(folder, Int32(MNT_DETACH))
    rmdir(folder)
  }

  private var ballast: String { "\(folder)/ballast" }

  /// Takes all the space there is.
  public func fill() throws {
    let file = open(ballast, O_CREAT | O_WRONLY, 0o600)
    guard file >= 0 else { throw NotMounted(description: "\(ballast) cannot be made") }
    defer { close(file) }
    let page = [UInt8](repeating: 1, count: 4096)
    while write(file, page, page.count) > 0 {}
  }

  /// Gives it back.
  public func makeRoom() {
    unlink(ballast)
  }
}
