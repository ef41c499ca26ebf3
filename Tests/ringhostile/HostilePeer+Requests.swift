import CRingmaster
import Platform
import RawPeers

/// Requests that are as they should be but for numbers at the ends of their range.
extension HostilePeer {
  private typealias Change = (inout rm_attach_request) -> Void

  private static let extremes: [UInt64] = [0, 1, 1 << 63, .max - 1, .max]

  /// - Returns: the first request that has no answer; else the last answer.
  func greetExtremes() throws -> Outcome {
    let fields: [WritableKeyPath<rm_attach_request, UInt32>] = [
      \.type, \.role, \.submission_capacity, \.result_capacity, \.resumed_peer, \.subscription,
    ]
    let wideFields: [WritableKeyPath<rm_attach_request, UInt64>] = [\.last_transaction, \.epoch]
    var changes: [Change] = fields.flatMap { field in
      [0, 1, 1 << 31, .max - 1, .max].map { value in { $0[keyPath: field] = value } }
    }
    for field in wideFields {
      for value in Self.extremes {
        changes.append { $0[keyPath: field] = value }
        changes.append {
          $0.resumed_peer = 1
          $0[keyPath: field] = value
        }
      }
    }
    changes.append { withUnsafeMutableBytes(of: &$0.name) { $0.copyBytes(from: repeatElement(0xff, count: $0.count)) } }
    var outcome = Outcome(answer: .nothing, times: 0)
    for change in changes {
      var request = request
      change(&request)
      let answer = try greeted { try $0.send(request) }.answer
      outcome = Outcome(answer: answer, times: outcome.times + 1)
      guard answer.word == .attached || answer.word == .refused else { return outcome }
    }
    return outcome
  }

  /// Attaches a few peers, waits for the end of the dispatcher, and comes back as each of them.
  ///
  /// - Returns: how many came back, and the answer to the last.
  func resumeExtremes() throws -> Outcome {
    var wanted = request
    wanted.subscription = RM_SUBSCRIBE_TRANSACTIONS
    var resumptions: [(peer: RawPeer, transaction: UInt64, epoch: UInt64)] = []
    for transaction in Self.extremes {
      for epoch in [0, nil, .max] as [UInt64?] {
        let peer = try RawPeer(path: path, wanted)
        resumptions.append((peer, transaction, epoch ?? peer.epoch))
      }
    }
    var outcome = Outcome(answer: .nothing, times: 0)
    var back: [RawPeer] = []
    for (peer, transaction, epoch) in resumptions {
      peer.socket.setReceiveTimeout(ms: seconds * 1000)
      guard try ControlAnswer.receive(from: peer.socket).word != .nothing else { return outcome }
      var request = wanted
      request.resumed_peer = peer.peer
      request.last_transaction = transaction
      request.epoch = epoch
      withUnsafeMutableBytes(of: &request.token) { $0.copyBytes(from: peer.token) }
      do {
        back.append(try RawPeer(path: path, request))
      } catch let answer as ControlAnswer {
        return Outcome(answer: answer, peer: peer.peer, times: outcome.times)
      }
      outcome = Outcome(answer: ControlAnswer(.attached), peer: peer.peer, times: back.count)
    }
    return withExtendedLifetime((resumptions, back)) { outcome }
  }
}
