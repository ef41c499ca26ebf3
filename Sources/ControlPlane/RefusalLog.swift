/// How much is said of those that are refused or disconnected, so that nobody fills the log: of each process its first fault,
/// of each user a few at once and one a second from then on, and of the rest their number.
struct RefusalLog {
  /// What a user did beyond what was told of him.
  struct Remainder: Equatable {
    /// nil: of several users, too many to keep apart.
    let uid: UInt32?
    let count: Int
    let newestReason: String
  }

  private struct Account {
    var lines: Int
    var refilledNs: UInt64
    var lastPID: Int32 = 0
    var lastNotedNs: UInt64 = 0
    var untold = 0
    var untoldSinceNs: UInt64 = 0
    var newestReason = ""
  }

  /// Lines about a user that may come at once.
  private static let burst = 32
  /// Until one more may.
  private static let refillNs: UInt64 = 1_000_000_000
  /// After so long without a fault a user is a stranger again.
  private static let memoryNs: UInt64 = 60_000_000_000
  private static let maximumUsers = 64

  private var accounts: [UInt32?: Account] = [:]

  /// - Parameter nowNs: CLOCK_BOOTTIME, as in `takeUntold`.
  /// - Returns: whether it is to be told by a line of its own; else it is in a `Remainder` later.
  mutating func note(pid: Int32, uid: UInt32, reason: String, nowNs: UInt64) -> Bool {
    let user = accounts[uid] != nil || accounts.count < Self.maximumUsers ? uid : nil
    var account = accounts[user] ?? Account(lines: Self.burst, refilledNs: nowNs)
    defer { accounts[user] = account }
    Self.refill(&account, nowNs: nowNs)
    account.lastNotedNs = nowNs
    guard pid != account.lastPID, account.lines > 0 else {
      if account.untold == 0 { account.untoldSinceNs = nowNs }
      account.untold += 1
      account.newestReason = reason
      return false
    }
    account.lastPID = pid
    account.lines -= 1
    return true
  }

  /// What was left out a second ago or longer, in the order of users; forgets users of whom nothing is left to say.
  mutating func takeUntold(nowNs: UInt64) -> [Remainder] {
    guard !accounts.isEmpty else { return [] }
    var remainders: [Remainder] = []
    for (uid, var account) in accounts {
      Self.refill(&account, nowNs: nowNs)
      if account.untold > 0, nowNs - account.untoldSinceNs >= Self.refillNs {
        remainders.append(Remainder(uid: uid, count: account.untold, newestReason: account.newestReason))
        account.untold = 0
      }
      accounts[uid] = account.untold == 0 && nowNs - account.lastNotedNs >= Self.memoryNs ? nil : account
    }
    return remainders.sorted { ($0.uid ?? .max) < ($1.uid ?? .max) }
  }

  private static func refill(_ account: inout Account, nowNs: UInt64) {
    let earned = Int(min((nowNs - account.refilledNs) / refillNs, UInt64(burst)))
    guard earned > 0 else { return }
    account.lines = min(account.lines + earned, burst)
    account.refilledNs = nowNs
  }
}
