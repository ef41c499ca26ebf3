import Platform
import ServiceLog
import Testing

@Suite struct JournalStreamTests {
  @Test func theVariableNamesAFile() {
    #expect(FileIdentity(journalStream: "9:41235") == FileIdentity(device: 9, inode: 41235))
  }

  @Test(arguments: ["", "9", "9:", ":1", "9:1:2", "9:x", "9: 1", "0x9:1"])
  func anythingElseNamesNone(text: String) {
    #expect(FileIdentity(journalStream: text) == nil)
  }

  @Test func standardErrorHasAnIdentity() throws {
    #expect(try #require(StandardStream.error.identity).inode > 0)
  }
}
