import CRingmaster
import EventModel
import EventRing
import Journal
import Platform

/// From a first message to a peer.
extension ControlLoop {
  mutating func attach(_ connection: PeerConnection, _ request: rm_attach_request, bytes: Int) {
    do throws(Handshake.Refusal) {
      let wanted = try Handshake.check(request, bytes: bytes)
      if let reason = configuration.access.refusal(connection.credentials, as: wanted.role) {
        throw Handshake.Refusal(code: RM_REFUSED_FORBIDDEN, reason: reason, counter: .attachRefusedForbidden)
      }
      if wanted.role == .worker, peers.hasWorker(wanted.name) {
        throw Handshake.Refusal(
          code: RM_REFUSED_NAME_TAKEN, reason: "a worker '\(wanted.name)' is attached: each needs a name of its own",
          counter: .attachRefusedFull)
      }
      if let resumed = wanted.resumed {
        try readmit(wanted, resumed, connection)
      } else {
        try admit(wanted, connection)
      }
    } catch {
      connections[connection.socket.descriptor.raw] = nil
      refuse(connection, error)
    }
  }

  /// Makes the rings and hands them to the dispatch thread.
  private mutating func admit(
    _ wanted: Handshake.Request, _ connection: PeerConnection
  ) throws(Handshake.Refusal) {
    let uid = connection.credentials.uid
    let isAdministrator = connection.isAdministrators
    if !isAdministrator {
      let limits = configuration.userLimits
      if let obstacle = limits.obstacle(to: wanted, of: uid, having: peers.usage(of: uid)) { throw full(obstacle) }
      guard attachRate.take(uid, perMinute: limits.attachesPerMinute, nowNs: Clock.bootNs()) else {
        throw full(
          "user \(uid) has attached \(limits.attachesPerMinute) times within a minute, "
            + "dispatcher.attaches_per_user_per_minute: try again later")
      }
    }
    try checkDescriptors(connection, peers: peers.count + 1)
    guard let (id, lane) = peers.allocate(fromReserve: isAdministrator) else {
      throw full(peers.obstacle(fromReserve: isAdministrator))
    }
    do {
      let token = try PeerToken.random()
      let facts = JournaledPeer(
        id: id, epoch: epoch.number, lane: lane, name: wanted.name, role: wanted.role.rawValue,
        uid: connection.credentials.uid,
        pid: connection.credentials.pid, submissionCapacity: UInt32(wanted.submissionCapacity),
        resultCapacity: UInt32(wanted.resultCapacity), tokenHash: token.hash)
      var rings = try PeerRings.create(instance: configuration.instance, facts, epoch)
      // From here on its rings are removed with it.
      peers.insert(facts, .attached, resultRing: rings.resultName)
      let descriptors = try rings.descriptors(board: board, dispatchBells: dispatchBells)
      rings.closeDescriptors()
      connection.stage = .admitting(peer: id, reply: reply(to: facts, token), descriptors: descriptors)
      let (peer, ends) = rings.ends(facts, wanted)
      post(.attach(peer, ends))
    } catch {
      if peers[id] == nil { peers.giveBack(lane: lane) } else { forget(id) }
      throw Handshake.Refusal(code: RM_REFUSED_RESOURCES, reason: "\(error)", counter: .attachRefusedResources)
    }
  }

  private func full(_ reason: String) -> Handshake.Refusal {
    Handshake.Refusal(code: RM_REFUSED_FULL, reason: reason, counter: .attachRefusedFull)
  }

  /// Looks whether there are descriptors for one more reply, and whether its user takes those that it gets.
  private func checkDescriptors(_ connection: PeerConnection, peers: Int) throws(Handshake.Refusal) {
    let budget = DescriptorBudget(configuration)
    let attaching = connections.values.count { $0.isAdmitting }
    if let obstacle = budget.obstacle(
      peers: peers, attaching: attaching, fromReserve: connection.isAdministrators)
    {
      throw full(obstacle)
    }
    guard !connection.isAdministrators else { return }
    let uid = connection.credentials.uid
    let unread = connections.values.count { $0.credentials.uid == uid && $0.hasUnreadReply }
    guard unread < budget.unreadRepliesPerUser else {
      throw full("\(unread) clients of user \(uid) have not read the replies to them: try again when they have")
    }
  }

  /// Lets a peer of the dispatcher before go on as itself.
  private mutating func readmit(
    _ wanted: Handshake.Request, _ resumed: Handshake.Resumed, _ connection: PeerConnection
  ) throws(Handshake.Refusal) {
    guard let entry = peers[resumed.peer], case .away = entry.presence, entry.peer.tokenHash == resumed.token.hash,
      entry.peer.uid == connection.credentials.uid, entry.peer.role == wanted.role.rawValue,
      entry.peer.submissionCapacity == wanted.submissionCapacity
    else {
      throw Handshake.Refusal(
        code: RM_REFUSED_UNKNOWN_PEER,
        reason: "there is no peer \(resumed.peer) that waits to be attached again with this token, user, role and ring",
        counter: .attachRefusedForbidden)
    }
    let uid = entry.peer.uid
    if !connection.isAdministrators,
      let obstacle = configuration.userLimits.obstacle(to: wanted, by: entry.peer, having: peers.usage(of: uid))
    {
      throw full(obstacle)
    }
    try checkDescriptors(connection, peers: peers.count)
    do {
      var rings = try PeerRings.renew(
        instance: configuration.instance, entry.peer, epoch, resultCapacity: wanted.resultCapacity)
      let descriptors: DescriptorSet
      do {
        descriptors = try rings.descriptors(board: board, dispatchBells: dispatchBells)
      } catch {
        if let name = rings.resultName { SharedMemory.unlink(name: name) }
        throw error
      }
      rings.closeDescriptors()
      let facts = peers.returned(resumed.peer, resultRing: rings.resultName, resultCapacity: wanted.resultCapacity)
      connection.stage = .admitting(
        peer: resumed.peer, reply: reply(to: facts, resumed.token), descriptors: descriptors)
      let (_, ends) = rings.ends(facts, wanted)
      post(.reattach(peer: resumed.peer, ends))
    } catch {
      throw Handshake.Refusal(code: RM_REFUSED_RESOURCES, reason: "\(error)", counter: .attachRefusedResources)
    }
  }

  private func reply(to peer: JournaledPeer, _ token: PeerToken) -> rm_attach_reply {
    var reply = Handshake.reply(RM_CONTROL_ATTACHED)
    reply.peer = peer.id
    reply.epoch = epoch.number
    reply.cluster = (epoch.cluster.x, epoch.cluster.y)
    reply.submission_capacity = peer.submissionCapacity
    reply.result_capacity = peer.resultCapacity
    reply.lane = peer.lane
    if case .fence = barrier { reply.flags |= RM_ATTACH_MUST_FENCE }
    withUnsafeMutableBytes(of: &reply.token) { $0.copyBytes(from: token.bytes) }
    return reply
  }

  /// The dispatch thread is ready for a peer: tells it so.
  mutating func welcome(_ peer: UInt32, isRecoverable: Bool, lastTransaction: UInt64) {
    guard let connection = connections.values.first(where: { $0.peer == peer }),
      case .admitting(_, var reply, let descriptors) = connection.stage
    else { return }
    if isRecoverable { reply.flags |= RM_ATTACH_RECOVERABLE }
    reply.last_transaction = lastTransaction
    connection.stage = .attached(peer: peer)
    do {
      try connection.socket.send(reply, descriptors: descriptors.raw, nonBlocking: true)
    } catch {
      connections[connection.socket.descriptor.raw] = nil
      let reason = "the reply with its rings could not be sent: \(error)"
      refuse(
        connection,
        Handshake.Refusal(code: RM_REFUSED_RESOURCES, reason: reason, counter: .attachRefusedResources))
      post(.detach(peer: peer))
      return
    }
    guard let facts = peers[peer]?.peer else { return }
    log.info(
      "peer attached",
      metadata: [
        "peer": "\(peer)", "name": "\(facts.name)", "role": "\(Role(rawValue: facts.role)?.name ?? "none")",
        "pid": "\(connection.credentials.pid)", "uid": "\(connection.credentials.uid)",
      ])
  }
}
