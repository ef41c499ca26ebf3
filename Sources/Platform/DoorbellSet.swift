import CPlatform

/// The doorbells that one thread waits for: one for this process, and one for each other process.
///
/// Each is an object of its own. Whatever its holder does to it, and to the way it is held, keeps nobody else's ring from
/// being heard: this side only takes note that it rang, and neither reads nor writes it. None costs this process a descriptor.
public struct DoorbellSet: ~Copyable, Sendable {
  private let own: Doorbell
  private let waiting: FileDescriptor

  private init(own: consuming Doorbell, waiting: consuming FileDescriptor) {
    self.own = own
    self.waiting = waiting
  }

  public init() throws {
    let waiting = FileDescriptor(owning: try checked(rm_bell_set(), "create an epoll descriptor"))
    let own = try Doorbell()
    _ = try checked(rm_bell_set_add(waiting.raw, own.descriptor.raw), "wait for a doorbell")
    self.init(own: own, waiting: waiting)
  }

  /// Readable while one rings.
  public var raw: Int32 { waiting.raw }

  /// A new bell, to pass to another process: it can be rung as long as anybody holds it.
  public func add() throws -> Doorbell {
    let bell = try Doorbell()
    _ = try checked(rm_bell_set_add(waiting.raw, bell.descriptor.raw), "wait for a doorbell")
    return bell
  }

  /// Rings this process's own.
  public func ring() {
    own.ring()
  }

  /// Resets them all after a wake-up.
  public func answer() {
    rm_bell_set_answer(waiting.raw)
  }

  /// This process's own, for a thread that only rings it.
  public func bell() throws -> Doorbell {
    try own.duplicate()
  }

  /// For another thread of this process.
  public func duplicate() throws -> DoorbellSet {
    DoorbellSet(own: try own.duplicate(), waiting: try waiting.duplicate())
  }
}
