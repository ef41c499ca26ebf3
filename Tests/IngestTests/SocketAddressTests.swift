import Platform
import Testing

@Suite struct SocketAddressTests {
  @Test(arguments: ["127.0.0.1:7400", "0.0.0.0:0", "[::1]:7400", "[2001:db8::a]:65535"])
  func numericAddressesComeBack(text: String) throws {
    #expect(try SocketAddress(text).description == text)
  }

  @Test func thePortIsRead() throws {
    #expect(try SocketAddress("127.0.0.1:7400").port == 7400)
    #expect(try SocketAddress("[::1]:7401").port == 7401)
  }

  @Test(arguments: [
    "", "7400", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", ":7400", "::1:7400",
    "[127.0.0.1]:7400", "[::1]", "localhost:7400", "1.2.3.4.5:1", "[]:1",
  ])
  func everythingElseIsRefused(text: String) {
    #expect(throws: SocketAddressError.self) { try SocketAddress(text) }
  }

  @Test func equalAddressesAreEqual() throws {
    #expect(try SocketAddress("127.0.0.1:1") == SocketAddress("127.0.0.1:1"))
    #expect(try SocketAddress("127.0.0.1:1") != SocketAddress("127.0.0.1:2"))
    #expect(try SocketAddress("127.0.0.1:1") != SocketAddress("127.0.0.2:1"))
    #expect(try !SocketAddress("0.0.0.0:0").isNone)
    #expect(SocketAddress.none.isNone)
  }

  @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
  func theSourceOfADatagramIsItsSendersAddress(text: String) throws {
    let receiver = try DatagramSocket.bound(to: SocketAddress(text), receiveBufferBytes: 1 << 16)
    let sender = try DatagramSocket.bound(to: SocketAddress(text), receiveBufferBytes: 1 << 16)
    #expect(receiver.localAddress.port != 0)
    let message: [UInt8] = [1, 2, 3]
    #expect(message.withUnsafeBytes { sender.send($0, to: receiver.localAddress) })
    #expect(Poll.readable(receiver.descriptor.raw, timeoutUs: 10_000_000))
    var batch = DatagramBatch()
    let received = try batch.receive(from: receiver)
    #expect(received == 1)
    let (source, bytes, isTruncated) = (batch.source(0), Array(batch.bytes(0)), batch.isTruncated(0))
    #expect(source == sender.localAddress)
    #expect(bytes == message)
    #expect(!isTruncated)
    let more = try batch.receive(from: receiver)
    #expect(more == 0)
  }

  @Test func whatIsOfOneMachine() throws {
    let first = try SocketAddress("10.0.0.1:1")
    #expect(try first.hasHost(of: SocketAddress("10.0.0.1:2")) && !first.hasHost(of: SocketAddress("10.0.0.2:1")))
    let second = try SocketAddress("[2001:db8::1]:1")
    #expect(
      try second.hasHost(of: SocketAddress("[2001:db8::1]:9")) && !second.hasHost(of: SocketAddress("[2001:db8::2]:1")))
    #expect(!first.hasHost(of: second))
    #expect(try second.network == SocketAddress("[2001:db8::2]:1").network)
    #expect(try second.network != SocketAddress("[2001:db9::1]:1").network)
    #expect(try first.network != SocketAddress("10.0.0.2:1").network)
  }

  @Test(arguments: [
    ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false),
  ])
  func loopbackIsNamed(text: String, isLoopback: Bool) throws {
    #expect(try SocketAddress(text).isLoopback == isLoopback)
  }
}
