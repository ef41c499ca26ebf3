import CRingmaster
import CTestSystem
import Glibc
import Platform
import RawPeers

/// Performs acts on the dispatcher that listens on a path.
struct HostilePeer {
  struct Outcome {
    let answer: ControlAnswer
    var peer: UInt32 = 0
    /// Connections made, or what else the act is counted in.
    var times = 1
  }

  let path: String
  let role: UInt32
  let count: Int
  let seconds: Int

  static let pauseMs = 10

  func perform(_ act: Act) throws -> Outcome {
    switch act {
    case .truncate:
      return try attached { peer in
        guard ftruncate(peer.submissionDescriptor.raw, 0) == 0 else { throw SystemError("truncate", code: errno) }
        peer.demandAttention()
      }
    case .truncateResults:
      // What is never written to is never missed: results come to this one.
      return try attached(subscription: RM_SUBSCRIBE_TRANSACTIONS) { peer in
        guard ftruncate(peer.resultDescriptor.raw, 0) == 0 else { throw SystemError("truncate", code: errno) }
      }
    case .jumpAhead: return try attached { $0.claimPublished(1 << 40) }
    case .jumpBack:
      var isAhead = false
      return try attached { peer in
        isAhead.toggle()
        peer.claimPublished(isAhead ? 100 : 3)
      }
    case .jumpSequence:
      return try attached { peer in
        rm_store_release_u64(peer.slot(), 1 << 40)
        peer.demandAttention()
      }
    case .garbageKind: return try attached { $0.publish(RawPeer.head(kind: 99)) }
    case .garbageLength: return try attached { $0.publish(RawPeer.head(kind: 1, slots: 65535)) }
    case .spoilBoard:
      return try attached { peer in
        _ = peer.board.memory.base.initializeMemory(as: UInt8.self, repeating: 0xff, count: Int(RM_BOARD_SIZE))
        peer.bell.ring()
      }
    case .truncateBoard:
      return try attached { peer in
        guard ftruncate(peer.boardDescriptor.raw, 0) != 0 else { throw SystemError("be kept from truncating", code: 0) }
      }
    case .lowerHands:
      return try attached { peer in
        // As fast as can be for a while: the answer is looked for in between.
        for _ in 0..<1_000_000 { memset(peer.board.memory.base, 0, Int(RM_BOARD_LANES)) }
      }
    case .blockBells: return try blockBells()
    case .readBells:
      return try attached { peer in
        var rung: UInt64 = 0
        for bell in [peer.bell.descriptor.raw, peer.ownBell.descriptor.raw] {
          for _ in 0..<10_000 { _ = read(bell, &rung, MemoryLayout<UInt64>.size) }
        }
      }
    case .writeStatus: return try writeStatus()
    case .talk: return try attached { try $0.socket.send(RawPeer.request()) }
    case .bringDescriptor: return try greeted { try $0.send(RawPeer.request(), descriptors: [0]) }
    case .greetShort: return try greeted { try $0.send(rm_field(tag: 1, length: 2)) }
    case .greetLong: return try greeted { try $0.send(rm_attach_reply()) }
    case .greetWrongMagic:
      return try greeted { socket in
        var request = RawPeer.request()
        request.magic = 0xdead_beef
        try socket.send(request)
      }
    case .greetWrongABI:
      return try greeted { socket in
        var request = RawPeer.request()
        request.abi_version = 77
        try socket.send(request)
      }
    case .greetExtremes: return try greetExtremes()
    case .resumeExtremes: return try resumeExtremes()
    case .silent: return try beSilent()
    case .churn: return try churn()
    case .crowd: return try crowd(request)
    case .largeRings: return try crowd(requestOfLargeRings)
    case .comeAndGo: return try comeAndGo()
    case .forbidden: return try sendForbidden()
    case .queries: return try sendQueries()
    }
  }

  var request: rm_attach_request { RawPeer.request(role: role) }

  var deadlineNs: UInt64 { Clock.monotonicNs() + UInt64(seconds) * 1_000_000_000 }

  /// Attaches, and does something again and again until the dispatcher says something or the time is over.
  private func attached(subscription: UInt32 = 0, _ act: (RawPeer) throws -> Void) throws -> Outcome {
    var request = request
    request.subscription = subscription
    let peer = try RawPeer(path: path, request)
    peer.socket.setReceiveTimeout(ms: Self.pauseMs)
    let deadlineNs = deadlineNs
    var answer: ControlAnswer
    repeat {
      // Once it is disconnected it may not come as far as this.
      try? act(peer)
      answer = try ControlAnswer.receive(from: peer.socket)
    } while answer.word == .nothing && Clock.monotonicNs() < deadlineNs
    return Outcome(answer: answer, peer: peer.peer)
  }

  func greeted(_ greet: (borrowing PacketSocket) throws -> Void) throws -> Outcome {
    let socket = try PacketSocket.connect(path: path)
    socket.setReceiveTimeout(ms: seconds * 1000)
    try greet(socket)
    return Outcome(answer: try ControlAnswer.receive(from: socket))
  }

  /// Fills every doorbell and has calls on it wait, while results come that it would have to be rung for.
  private func blockBells() throws -> Outcome {
    let peer = try RawPeer(path: path, subscription: RM_SUBSCRIBE_TRANSACTIONS)
    let results = try SharedMemory.map(try peer.resultDescriptor.duplicate(), writable: true, guarded: true)
    for bell in [peer.bell.descriptor.raw, peer.ownBell.descriptor.raw] {
      var most = UInt64.max - 1
      while write(bell, &most, MemoryLayout<UInt64>.size) > 0 {}
      guard test_make_blocking(bell) == 0 else { throw SystemError("make a doorbell block", code: errno) }
    }
    peer.socket.setReceiveTimeout(ms: Self.pauseMs)
    let deadlineNs = deadlineNs
    var answer: ControlAnswer
    repeat {
      rm_store_relaxed_u32(results.base + Int(RM_CONSUMER_PARKED_OFFSET), 1)
      answer = try ControlAnswer.receive(from: peer.socket)
    } while answer.word == .nothing && Clock.monotonicNs() < deadlineNs
    return Outcome(answer: answer, peer: peer.peer)
  }

  private func beSilent() throws -> Outcome {
    var connections: [Connection] = []
    for _ in 0..<count { connections.append(try Connection(path)) }
    var newest = ControlAnswer.nothing
    for connection in connections {
      connection.socket.setReceiveTimeout(ms: seconds * 1000)
      newest = try ControlAnswer.receive(from: connection.socket)
      guard newest.word == .refused else { break }
    }
    return Outcome(answer: newest, times: count)
  }

  private func churn() throws -> Outcome {
    let deadlineNs = deadlineNs
    var times = 0
    while Clock.monotonicNs() < deadlineNs {
      let socket = try PacketSocket.connect(path: path)
      // It may have been closed by now.
      try? socket.send(rm_field(tag: 1, length: 2))
      times += 1
    }
    var outcome = try greeted { try $0.send(rm_field(tag: 1, length: 2)) }
    outcome.times = times
    return outcome
  }

  private final class Connection {
    let socket: PacketSocket

    init(_ path: String) throws {
      socket = try PacketSocket.connect(path: path)
    }
  }
}
