import Glibc
import Journal
import Platform

/// Takes the end off a journal, as a disk would that does not keep its word.
enum JournalWipe {
  private static let numberDigits = 20

  /// Wipes out the commit with a transaction and all behind it.
  ///
  /// - Returns: whether it was there.
  static func wipe(folder: String, fromTransaction transaction: UInt64) throws -> Bool {
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    var first: JournalPosition?
    _ = try reader.findEnd { commit in
      if first == nil, commit.lastTransaction >= transaction { first = commit.end }
    }
    guard let first else { return false }
    let number = String(first.segment)
    let name = "segment-" + String(repeating: "0", count: numberDigits - number.utf8.count) + number + ".rmj"
    // The numbers in their names have leading zeros: those behind it are greater.
    for later in try Folder.names(in: folder) where later.hasPrefix("segment-") && later > name {
      try Folder.removeFile("\(folder)/\(later)")
    }
    let file = try File.open(writingTo: "\(folder)/\(name)")
    let zeros = [UInt8](repeating: 0, count: try file.size() - Int(first.commitOffset))
    guard pwrite(file.rawDescriptor, zeros, zeros.count, off_t(first.commitOffset)) == zeros.count else {
      throw TortureError("write \(name)", code: errno)
    }
    return true
  }
}
