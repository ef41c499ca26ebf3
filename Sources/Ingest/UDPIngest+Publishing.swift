import EventModel
import Platform
import RingmasterClient

/// From datagrams to the submission ring.
extension UDPIngest {
  /// Heartbeats from the look ahead for a worker's row to the look at it.
  private static let prefetchDistance = 8

  mutating func take(
    _ workers: WorkerHandleList, from source: SocketAddress, atNs nowNs: UInt64, _ roomWait: inout RoomWait
  ) {
    var published = 0
    var invalid = 0
    var foreign = 0
    let source = WorkerAddressTable.Source(source, atNs: nowNs)
    // By index: an iterator that is not specialised allocates for each element.
    for index in workers.indices {
      let worker = workers[index]
      let ahead = index + Self.prefetchDistance
      if ahead < workers.count { workerAddresses.prefetch(workers[ahead]) }
      // No worker ever has such a handle; the dispatcher would take it for a broken record of this peer.
      if worker.generation == 0 {
        invalid += 1
        continue
      }
      guard workerAddresses.mayComeFrom(source, worker) else {
        foreign += 1
        continue
      }
      if attachment.submission.publishHeartbeat(worker, timestampNs: nowNs)
        || publishWhenRoom(worker, atNs: nowNs, &roomWait)
      {
        published += 1
      }
    }
    let shed = workers.count - published - invalid - foreign
    if foreign > 0 { counters[.heartbeatsForeign].add(UInt64(foreign)) }
    counters[.heartbeatsReceived].add(UInt64(workers.count))
    counters[.heartbeatsPublished].add(UInt64(published))
    if invalid > 0 { counters[.heartbeatsInvalid].add(UInt64(invalid)) }
    if shed > 0 {
      counters[.heartbeatsShed].add(UInt64(shed))
      attachment.submission.countShed(shed)
    }
  }

  private mutating func publishWhenRoom(
    _ worker: WorkerHandle, atNs nowNs: UInt64, _ roomWait: inout RoomWait
  ) -> Bool {
    counters[.ringFull].increment()
    while roomWait.wait(attachment.submission, attachment.link) {
      if attachment.submission.publishHeartbeat(worker, timestampNs: nowNs) { return true }
    }
    return false
  }

  mutating func take(
    _ registration: Datagram.Registration, from source: SocketAddress, atNs nowNs: UInt64, _ roomWait: inout RoomWait
  ) {
    counters[.registrationsReceived].increment()
    guard registrationLimit.allows(source, atNs: nowNs) else { return counters[.registrationsLimited].increment() }
    guard workerAddresses.mayRegister(registration.name, from: WorkerAddressTable.Source(source, atNs: nowNs)) else {
      counters[.registrationsForeign].increment()
      return answers.send(
        Datagram.Acknowledgement(request: registration.request, refused: .forbidden), to: source, on: socket)
    }
    let event = registration.event(from: source)
    do {
      var id = try attachment.submission.publish(event, wantsResult: true, timestampNs: nowNs)
      if id == nil { counters[.ringFull].increment() }
      while id == nil, roomWait.wait(attachment.submission, attachment.link) {
        id = try attachment.submission.publish(event, wantsResult: true, timestampNs: nowNs)
      }
      guard let id else {
        counters[.registrationsShed].increment()
        attachment.submission.countShed(1)
        return
      }
      pendingAnswers.append(position: id.position, request: registration.request, address: source)
    } catch {
      // No record of this ring holds it.
      counters[.datagramsBadRegistration].increment()
    }
  }
}

extension Datagram.Registration {
  /// What a registration that came from somewhere says.
  package func event(from source: SocketAddress) -> Event {
    .workerRegistered(
      name, address: address.isEmpty ? source.description : address,
      metadata: WorkerMetadata(capacity: capacity, attributes: attributes), incarnation: incarnation)
  }
}
