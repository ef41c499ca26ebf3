import CRingmaster
import EventModel

/// Writing datagrams. Each function returns the bytes it wrote; the buffer must have room for `maxBytes`.
extension Datagram {
  /// The header of a datagram of handles. The handles follow by `writeHandle`.
  private static func writeHeader(_ kind: UInt8, count: Int, into buffer: UnsafeMutableRawBufferPointer) {
    precondition(buffer.count >= maxBytes, "room for \(maxBytes) bytes")
    let header = rm_datagram_header(
      magic: UInt32(RM_DATAGRAM_MAGIC).littleEndian, version: UInt8(RM_DATAGRAM_VERSION), kind: kind,
      count: UInt16(count).littleEndian, reserved: 0)
    buffer.storeBytes(of: header, as: rm_datagram_header.self)
  }

  private static func encode(
    _ kind: UInt8, _ handles: some Collection<WorkerHandle>, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    precondition((1...maxHandles).contains(handles.count), "1 to \(maxHandles) handles, got \(handles.count)")
    writeHeader(kind, count: handles.count, into: buffer)
    var offset = headerBytes
    for handle in handles {
      buffer.storeBytes(of: handle.rawValue.littleEndian, toByteOffset: offset, as: UInt64.self)
      offset += MemoryLayout<UInt64>.size
    }
    return offset
  }

  /// HEARTBEATS.
  ///
  /// - Parameter workers: 1 to `maxHandles`.
  public static func encodeHeartbeats(
    _ workers: some Collection<WorkerHandle>, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    encode(Kind.heartbeats, workers, into: buffer)
  }

  /// UNKNOWN.
  ///
  /// - Parameter workers: 1 to `maxHandles`.
  public static func encodeUnknown(
    _ workers: some Collection<WorkerHandle>, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    encode(Kind.unknown, workers, into: buffer)
  }

  /// REGISTER. Its texts must be within `Limits.nameBytes`, its attributes in the room that is left.
  public static func encode(_ registration: Registration, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    writeHeader(Kind.register, count: 1, into: buffer)
    let size = MemoryLayout<rm_datagram_register>.size
    let entry = UnsafeMutableRawBufferPointer(rebasing: buffer[headerBytes..<(headerBytes + size)])
    entry.initializeMemory(as: UInt8.self, repeating: 0)
    entry.storeBytes(
      of: registration.request.littleEndian, toByteOffset: offset(\rm_datagram_register.request), as: UInt64.self)
    entry.storeBytes(
      of: registration.capacity.milliCPU.littleEndian, toByteOffset: offset(\rm_datagram_register.milli_cpu),
      as: Int64.self)
    entry.storeBytes(
      of: registration.capacity.memoryBytes.littleEndian, toByteOffset: offset(\rm_datagram_register.memory_bytes),
      as: Int64.self)
    let devices = registration.capacity.devices.all
    entry.storeBytes(
      of: UInt32(devices.count).littleEndian, toByteOffset: offset(\rm_datagram_register.devices), as: UInt32.self)
    write(registration.name, at: offset(\rm_datagram_register.name), in: entry)
    write(registration.address, at: offset(\rm_datagram_register.address), in: entry)
    write(registration.incarnation ?? "", at: offset(\rm_datagram_register.incarnation), in: entry)
    var end = headerBytes + size
    let deviceBytes = devices.map { device in
      let count = withUnsafeBytes(of: UInt32(clamping: device.count).littleEndian) { Array($0) }
      return [UInt8(device.name.utf8.count)] + count + device.name.utf8
    }
    let attributeBytes = registration.attributes.map { attribute in
      let (key, value) = (Array(attribute.key.utf8), Array(attribute.value.utf8))
      return [UInt8(key.count), UInt8(value.count)] + key + value
    }
    for bytes in deviceBytes + attributeBytes {
      precondition(end + bytes.count <= maxBytes, "a datagram has at most \(maxBytes) bytes")
      UnsafeMutableRawBufferPointer(rebasing: buffer[end..<(end + bytes.count)]).copyBytes(from: bytes)
      end += bytes.count
    }
    return end
  }

  private static func write(_ text: String, at offset: Int, in entry: UnsafeMutableRawBufferPointer) {
    precondition(text.utf8.count < textFieldBytes, "a text of at most \(textFieldBytes - 1) bytes")
    UnsafeMutableRawBufferPointer(rebasing: entry[offset..<(offset + textFieldBytes)]).copyBytes(from: text.utf8)
  }

  /// REGISTERED.
  public static func encode(_ answer: Acknowledgement, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    writeHeader(Kind.registered, count: 1, into: buffer)
    let entry = rm_datagram_registered(
      request: answer.request.littleEndian, worker: answer.worker.rawValue.littleEndian,
      reason: UInt32(answer.reason?.rawValue ?? 0).littleEndian, reserved: 0)
    buffer.storeBytes(of: entry, toByteOffset: headerBytes, as: rm_datagram_registered.self)
    return headerBytes + MemoryLayout<rm_datagram_registered>.size
  }
}
