import CRingmaster
import Platform
import RawPeers

/// Peers that take up what their user may have.
extension HostilePeer {
  /// As many peers as are let in, up to `count`, which are there for a moment.
  func crowd(_ request: rm_attach_request) throws -> Outcome {
    var peers: [RawPeer] = []
    do {
      while peers.count < count { peers.append(try RawPeer(path: path, request)) }
    } catch let answer as ControlAnswer {
      return withExtendedLifetime(peers) { Outcome(answer: answer, times: peers.count) }
    }
    guard let newest = peers.last else { return Outcome(answer: .nothing, times: 0) }
    newest.socket.setReceiveTimeout(ms: seconds * 1000)
    let answer = try ControlAnswer.receive(from: newest.socket)
    return withExtendedLifetime(peers) { Outcome(answer: answer, peer: newest.peer, times: count) }
  }

  /// 16 MiB each.
  var requestOfLargeRings: rm_attach_request {
    var request = request
    request.submission_capacity = 1 << 18
    request.result_capacity = 1 << 18
    return request
  }

  /// One peer after the other, up to `count`.
  func comeAndGo() throws -> Outcome {
    var times = 0
    do {
      while times < count {
        _ = try RawPeer(path: path, request)
        times += 1
      }
    } catch let answer as ControlAnswer {
      return Outcome(answer: answer, times: times)
    }
    return Outcome(answer: .nothing, times: times)
  }
}
