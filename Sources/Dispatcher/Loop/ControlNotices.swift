import ControlPlane

/// What the dispatch thread tells the control thread, and whether that has to be woken for it.
struct ControlNotices: ~Copyable {
  private var sender: Mailbox<ControlNotice>.Sender
  private var isUnread = false

  init(_ sender: consuming Mailbox<ControlNotice>.Sender) {
    self.sender = sender
  }

  mutating func post(_ notice: ControlNotice) {
    sender.post(notice)
    isUnread = true
  }

  /// Posts what a reader who is far behind may miss.
  mutating func offer(_ notice: ControlNotice) {
    if sender.offer(notice) { isUnread = true }
  }

  /// Was anything posted since the last call?
  mutating func takeUnread() -> Bool {
    defer { isUnread = false }
    return isUnread
  }
}
