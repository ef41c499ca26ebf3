import CPlatform
import Glibc
import Platform
import Testing

@Suite struct PacketSocketTests {
  private struct Message: BitwiseCopyable, Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
  }

  private func path(_ test: String = #function) -> String {
    "/tmp/ringmaster-test-\(Machine.processID())-\(test.prefix { $0.isLetter }).sock"
  }

  private func pipeEnds() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError.last("create a pipe") }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    return (ends[0], ends[1])
  }

  private func leaveOneOfAPair() throws -> PacketSocket {
    let pair = try PacketSocket.pair()
    return PacketSocket(owning: try pair.first.descriptor.duplicate())
  }

  /// Nobody has the writing end of the pipe any more.
  private func isAtEnd(_ read: Int32) -> Bool {
    var byte: UInt8 = 0
    return Glibc.read(read, &byte, 1) == 0
  }

  @Test func packetsKeepTheirBoundsAndOrder() throws {
    let pair = try PacketSocket.pair()
    try pair.first.send(Message(first: 1, second: 2))
    try pair.first.send(UInt32(7))
    var message = Message()
    #expect(try pair.second.receive(into: &message)?.bytes == 16)
    #expect(message == Message(first: 1, second: 2))
    #expect(try pair.second.receive(into: &message)?.bytes == 4)
    #expect(message == Message(first: 7, second: 2))
    #expect(try pair.second.receive(into: &message, nonBlocking: true)?.bytes == nil)
  }

  /// The other end has answered and gone, with a message unread.
  private func oneWhoseOtherEndAnsweredAndLeft() throws -> PacketSocket {
    let pair = try PacketSocket.pair()
    try pair.first.send(Message())
    try pair.second.send(Message(first: 1, second: 2))
    return PacketSocket(owning: try pair.first.descriptor.duplicate())
  }

  @Test func anAnswerIsHeardFromWhoLeftWithoutListening() throws {
    let end = try oneWhoseOtherEndAnsweredAndLeft()
    var message = Message()
    #expect(try end.receive(into: &message)?.bytes == 16)
    #expect(message == Message(first: 1, second: 2))
    #expect(try end.receive(into: &message)?.bytes == 0)
  }

  @Test func descriptorsArePassedInOrder() throws {
    let pair = try PacketSocket.pair()
    let pipes = [try pipeEnds(), try pipeEnds()]
    try pair.first.send(Message(), descriptors: pipes.map(\.write))
    for pipe in pipes { close(pipe.write) }
    var message = Message()
    do {
      guard var packet = try pair.second.receive(into: &message) else { throw Damage("no packet") }
      #expect(packet.descriptors.count == 2)
      for (index, pipe) in pipes.enumerated() {
        guard let end = packet.nextDescriptor() else { throw Damage("descriptor \(index) did not come") }
        var byte = UInt8(index + 40)
        #expect(write(end.raw, &byte, 1) == 1)
        #expect(fcntl(end.raw, F_GETFD) & FD_CLOEXEC != 0)
        var received: UInt8 = 0
        #expect(read(pipe.read, &received, 1) == 1)
        #expect(received == byte)
      }
      #expect(packet.nextDescriptor()?.raw == nil)
    }
    for pipe in pipes {
      #expect(isAtEnd(pipe.read))
      close(pipe.read)
    }
  }

  @Test func descriptorsThatNobodyTakesAreClosed() throws {
    let pair = try PacketSocket.pair()
    let pipe = try pipeEnds()
    try pair.first.send(Message(), descriptors: [pipe.write])
    close(pipe.write)
    var message = Message()
    do {
      guard let packet = try pair.second.receive(into: &message) else { throw Damage("no packet") }
      #expect(packet.bytes == 16)
    }
    #expect(isAtEnd(pipe.read))
    close(pipe.read)
  }

  @Test func aPacketThatIsTooLongIsRefusedWithItsDescriptors() throws {
    let pair = try PacketSocket.pair()
    let pipe = try pipeEnds()
    try pair.first.send(Message(), descriptors: [pipe.write])
    close(pipe.write)
    try pair.first.send(UInt64(5))
    var small: UInt64 = 0
    let error = #expect(throws: SystemError.self) { _ = try pair.second.receive(into: &small) }
    #expect(error?.code == EMSGSIZE)
    #expect(isAtEnd(pipe.read))
    close(pipe.read)
    #expect(try pair.second.receive(into: &small)?.bytes == 8)
    #expect(small == 5)
  }

  @Test func moreDescriptorsThanAPacketTakesAreRefused() throws {
    let pair = try PacketSocket.pair()
    let pipe = try pipeEnds()
    defer {
      close(pipe.read)
      close(pipe.write)
    }
    let most = Int(RM_MAX_DESCRIPTORS)
    let error = #expect(throws: SystemError.self) {
      try pair.first.send(Message(), descriptors: Array(repeating: pipe.write, count: most + 1))
    }
    #expect(error?.code == EINVAL)
    try pair.first.send(Message(), descriptors: Array(repeating: pipe.write, count: most))
    var message = Message()
    guard let packet = try pair.second.receive(into: &message) else { throw Damage("no packet") }
    #expect(packet.descriptors.count == most)
  }

  @Test func theOtherSideGoneIsAnEmptyPacketAndAnError() throws {
    let first = try leaveOneOfAPair()
    var message = Message()
    #expect(try first.receive(into: &message)?.bytes == 0)
    let error = #expect(throws: SystemError.self) { try first.send(Message()) }
    #expect(error?.code == EPIPE)
  }

  @Test func theKernelVouchesForTheOtherSide() throws {
    let path = path()
    let listener = try PacketSocket.listen(path: path)
    defer { unlink(path) }
    listener.setNonBlocking()
    #expect(try listener.accept()?.descriptor.raw == nil)
    let client = try PacketSocket.connect(path: path)
    guard let server = try listener.accept() else { throw Damage("no connection") }
    for credentials in [try server.credentials(), try client.credentials()] {
      #expect(credentials.pid == getpid())
      #expect(credentials.uid == geteuid())
      #expect(credentials.gid == getegid())
    }
    try client.send(Message(first: 3, second: 4))
    var message = Message()
    #expect(try server.receive(into: &message)?.bytes == 16)
    #expect(message.second == 4)
  }

  @Test func aPathIsListenedOnOnce() throws {
    let path = path()
    let listener = try PacketSocket.listen(path: path, mode: 0o600)
    defer { unlink(path) }
    var info = stat()
    #expect(lstat(path, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600)
    let error = #expect(throws: SystemError.self) { _ = try PacketSocket.listen(path: path) }
    #expect(error?.code == EADDRINUSE)
    #expect(error?.description.contains(path) == true)
    #expect(try PacketSocket.connect(path: path).credentials().pid == getpid())
    withExtendedLifetime(listener) {}
  }

  /// The kernel has whoever comes when its queue is full wait for ever.
  @Test func aListenerThatAcceptsNobodyIsGivenUp() throws {
    let path = path()
    let listener = try PacketSocket.listen(path: path)
    defer { unlink(path) }
    var waiting: [Int32] = []
    defer { for descriptor in waiting { close(descriptor) } }
    let refusal = #expect(throws: SystemError.self) {
      while waiting.count < 100_000 {
        waiting.append(try PacketSocket.connect(path: path, timeoutMs: 1).descriptor.duplicate().release())
      }
    }
    #expect(refusal?.meansNobodyAccepts == true)
    #expect(refusal?.description.contains("takes no connections") == true)
    let error = #expect(throws: SystemError.self) { _ = try PacketSocket.listen(path: path) }
    #expect(error?.code == EADDRINUSE)
    #expect(error?.description.contains("takes no connections") == true)
    #expect(access(path, F_OK) == 0)
    withExtendedLifetime(listener) {}
  }

  @Test func aSocketThatNobodyListensOnIsReplaced() throws {
    let path = path()
    defer { unlink(path) }
    do { _ = try PacketSocket.listen(path: path) }
    let error = #expect(throws: SystemError.self) { _ = try PacketSocket.connect(path: path) }
    #expect(error?.code == ECONNREFUSED)
    let listener = try PacketSocket.listen(path: path)
    #expect(try PacketSocket.connect(path: path).descriptor.raw >= 0)
    withExtendedLifetime(listener) {}
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() throws {
    let path = path()
    close(open(path, O_CREAT | O_RDWR, 0o600))
    defer { unlink(path) }
    let error = #expect(throws: SystemError.self) { _ = try PacketSocket.listen(path: path) }
    #expect(error?.code == EEXIST)
    #expect(access(path, F_OK) == 0)
  }

  @Test(arguments: [108, 200]) func aPathThatIsTooLongIsNamed(length: Int) {
    let path = "/tmp/" + String(repeating: "x", count: length - 5)
    for attempt in [{ try PacketSocket.connect(path: $0) }, { try PacketSocket.listen(path: $0) }] {
      let error = #expect(throws: SystemError.self) { _ = try attempt(path) }
      #expect(error?.code == ENAMETOOLONG)
      #expect(error?.description.contains("107") == true)
    }
  }
}
