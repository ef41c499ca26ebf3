import Foundation
import Journal
import Platform

/// What this disk takes for a write of a commit's size and an fdatasync, in a file that was made and filled with zeros
/// before: nothing that keeps its promise in one file can be faster.
final class SyncFloor {
  private let path: String
  private let file: File
  private let bytes: UnsafeMutableRawBufferPointer
  private let fileBytes: Int
  private var offset = 0

  /// - Parameters:
  ///   - writeBytes: of one write.
  ///   - fileBytes: of the file, written from its beginning on and then again.
  init(folder: String, writeBytes: Int, fileBytes: Int = JournalConfiguration().segmentBytes) throws {
    let path = "\(folder)/\(ObjectNames.folderPrefix)sync-\(Machine.processID())"
    let file = try File.create(path)
    self.path = path
    self.fileBytes = fileBytes
    try File.allocate(file.rawDescriptor, bytes: fileBytes)
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    for offset in stride(from: 0, to: fileBytes, by: zeros.count) {
      try zeros.withUnsafeBytes { chunk in
        _ = try File.write(chunk, .init(start: nil, count: 0), to: file.rawDescriptor, at: offset)
      }
    }
    try File.syncData(file.rawDescriptor)
    self.file = file
    bytes = .allocate(byteCount: writeBytes, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0x55)
  }

  deinit {
    bytes.deallocate()
    unlink(path)
  }

  func latencies(writes: Int) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    for _ in 0..<writes {
      if offset + bytes.count > fileBytes { offset = 0 }
      let startNs = Clock.monotonicNs()
      _ = try File.write(
        UnsafeRawBufferPointer(bytes), .init(start: nil, count: 0), to: file.rawDescriptor, at: offset)
      try File.syncData(file.rawDescriptor)
      recorder.record(ns: Clock.monotonicNs() - startNs)
      offset += bytes.count
    }
    return recorder
  }
}
