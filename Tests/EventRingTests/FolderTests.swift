import Foundation
import Platform
import Testing

/// What others may put into a shared folder, under names that are to be removed or written to.
@Suite struct FolderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "folder-\(UUID().uuidString)").path

  private func put(_ name: String) throws {
    _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data())
  }

  @Test func removingATreeFollowsNoLink() throws {
    defer { Folder.removeTree(folder) }
    let files = FileManager.default
    for name in ["kept", "tree/inner"] {
      try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for name in ["kept/file", "tree/file", "tree/inner/file"] { try put(name) }
    try files.createSymbolicLink(atPath: "\(folder)/tree/inner/link", withDestinationPath: "\(folder)/kept")
    try files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "\(folder)/kept")
    Folder.removeTree("\(folder)/link")
    Folder.removeTree("\(folder)/tree")
    #expect(files.fileExists(atPath: "\(folder)/kept/file"))
    #expect(try Folder.names(in: folder) == ["kept"])
  }

  @Test func aLogIsNotWrittenThroughALink() async throws {
    defer { Folder.removeTree(folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try put("victim")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/log", withDestinationPath: "\(folder)/victim")
    let failure = await #expect(throws: SystemError.self) {
      _ = try await ChildProcess.start(
        name: "test", arguments: ["/bin/sh", "-c", "echo harm >&2"], logPath: "\(folder)/log")
    }
    #expect(failure?.code == ELOOP)
    #expect(try Data(contentsOf: URL(filePath: "\(folder)/victim")).isEmpty)
  }
}
