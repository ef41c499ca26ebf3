import Foundation
import Platform
import Testing

/// What others put under our names in shared memory is neither read nor removed.
@Suite(.enabled(if: Machine.effectiveUserID() == 0)) struct ForeignObjectTests {
  private static let stranger: UInt32 = 65534

  /// A name with an object of this user, and how to spoil it.
  private func withObject(_ test: String = #function, _ body: (_ name: String, _ path: String) throws -> Void) throws {
    let name = "/ringmaster.foreign-\(Machine.processID())-\(test.prefix { $0.isLetter })"
    defer { unlink("/dev/shm\(name)") }
    do { _ = try SharedMemory.create(name: name, size: 4096, guarded: false) }
    _ = try SharedMemory.open(name: name, writable: true, guarded: false)
    try body(name, "/dev/shm\(name)")
  }

  private func expectNotBelieved(_ name: String, _ problem: String) {
    let error = #expect(throws: ForeignObject.self) {
      _ = try SharedMemory.open(name: name, writable: false, guarded: false)
    }
    #expect(error?.path == "/dev/shm\(name)" && error?.problem.contains(problem) == true, "\(error as Any)")
  }

  @Test func anotherUsersObjectIsNeitherOpenedNorRemoved() throws {
    try withObject { name, path in
      chown(path, Self.stranger, Self.stranger)
      expectNotBelieved(name, "belongs to user 65534")
      _ = try SharedMemory.open(name: name, writable: false, guarded: false, owners: [Self.stranger])
      SharedMemory.unlink(name: name)
      #expect(SharedMemory.names(prefix: name) == [name])
      #expect(SharedMemory.foreign(among: [name]).map(\.owner) == [Self.stranger])
    }
  }

  @Test func onlySoManyOfOthersAreLookedAt() throws {
    try withObject { name, path in
      let planted = (0..<20).map { "\(path).\($0)" }
      defer { for file in planted { unlink(file) } }
      for file in planted {
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        chown(file, Self.stranger, Self.stranger)
      }
      let all = SharedMemory.list(prefix: name, foreignLimit: 20)
      #expect(all.own == [name] && all.foreign.count == 20 && !all.isCut)
      let some = SharedMemory.list(prefix: name, foreignLimit: 5)
      #expect(some.foreign.count == 5 && some.isCut)
      #expect(SharedMemory.names(prefix: name).count == 21)
    }
  }

  @Test func oneThatOthersMayWriteToIsNotOpened() throws {
    try withObject { name, path in
      chmod(path, 0o662)
      expectNotBelieved(name, "mode 662")
    }
  }

  @Test func oneWithASecondNameIsNotOpened() throws {
    try withObject { name, path in
      link(path, "\(path).second")
      defer { unlink("\(path).second") }
      expectNotBelieved(name, "2 names")
    }
  }

  @Test func aLinkAndAPipeAreNotOpened() throws {
    try withObject { name, path in
      rename(path, "\(path).moved")
      defer { unlink("\(path).moved") }
      symlink("\(path).moved", path)
      expectNotBelieved(name, "no regular file")
      unlink(path)
      mkfifo(path, 0o600)
      expectNotBelieved(name, "no regular file")
    }
  }

  @Test func aForeignLockIsNotTakenAndNotWrittenTo() throws {
    try withObject { name, path in
      chown(path, Self.stranger, Self.stranger)
      let error = #expect(throws: ForeignObject.self) { _ = try FileLock.takeOwn(path: path, holder: "this test") }
      #expect(error?.owner == Self.stranger)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(size == 4096)
    }
  }
}
