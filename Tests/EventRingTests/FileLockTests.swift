import Glibc
import Platform
import Testing

@Suite struct FileLockTests {
  private func path(_ test: String = #function) -> String {
    "/tmp/ringmaster-test-\(Machine.processID())-\(test.prefix { $0.isLetter }).lock"
  }

  private func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  @Test func aLockIsTakenOnceAndSaysWhoHasIt() throws {
    let path = path()
    let lock = try FileLock.take(path: path, holder: "another dispatcher")
    let error = #expect(throws: SystemError.self) { _ = try FileLock.take(path: path, holder: "another dispatcher") }
    #expect(error?.code == EWOULDBLOCK)
    #expect(error?.description.contains("another dispatcher") == true)
    #expect(error?.description.contains(path) == true)
    #expect(exists(path))
    withExtendedLifetime(lock) {}
  }

  @Test func itIsFreeAndItsFileGoneAfterwards() throws {
    let path = path()
    for _ in 0..<3 {
      do {
        let lock = try FileLock.take(path: path, holder: "this test")
        #expect(exists(path))
        withExtendedLifetime(lock) {}
      }
      #expect(!exists(path))
    }
  }

  @Test func aFileLeftBehindByADeadHolderIsTaken() throws {
    let path = path()
    close(open(path, O_CREAT | O_RDWR, 0o600))
    do {
      let lock = try FileLock.take(path: path, holder: "this test")
      withExtendedLifetime(lock) {}
    }
    #expect(!exists(path))
  }

  @Test func aSymbolicLinkIsNotFollowed() throws {
    let path = path()
    let target = path + ".target"
    defer {
      unlink(path)
      unlink(target)
    }
    #expect(symlink(target, path) == 0)
    let error = #expect(throws: SystemError.self) { _ = try FileLock.take(path: path, holder: "this test") }
    #expect(error?.code == ELOOP)
    #expect(!exists(target))
  }

  @Test func aMissingFolderIsNamed() {
    let error = #expect(throws: SystemError.self) {
      _ = try FileLock.take(path: "/tmp/ringmaster-no-such-folder/lock", holder: "this test")
    }
    #expect(error?.code == ENOENT)
    #expect(error?.description.contains("/tmp/ringmaster-no-such-folder/lock") == true)
  }
}
