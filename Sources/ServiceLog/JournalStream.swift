import Platform

/// The stream that systemd gives its services as standard error, and names in `JOURNAL_STREAM`.
public enum JournalStream {
  /// What this process writes to standard error goes to the systemd journal. False as well for a child whose standard error
  /// was redirected while the variable was handed down.
  public static var isStandardError: Bool {
    guard let variable = Environment.value("JOURNAL_STREAM"), let identity = StandardStream.error.identity else {
      return false
    }
    return identity == FileIdentity(journalStream: variable)
  }
}

extension FileIdentity {
  /// Of `DEVICE:INODE`, in decimal; nil when it is not of that form.
  public init?(journalStream text: String) {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
    guard numbers.count == 2, let device = numbers[0], let inode = numbers[1] else { return nil }
    self.init(device: device, inode: inode)
  }
}
