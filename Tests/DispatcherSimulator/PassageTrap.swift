import Dispatcher
import Platform

/// Takes the rings as they are at one passage of a turn, so that the turn can be ended there afterwards.
final class PassageTrap: @unchecked Sendable {
  private var passagesLeft: Int?
  private var instance = ""
  private var rings: [(path: String, bytes: [UInt8])]?
  private var failure: (any Error)?

  func arm(after passages: Int, instance: String) {
    (passagesLeft, self.instance, rings) = (passages, instance, nil)
  }

  func pass() {
    guard let left = passagesLeft else { return }
    passagesLeft = left > 0 ? left - 1 : nil
    guard left == 0 else { return }
    do {
      rings = try SteppedDispatcher.ringFiles(instance: instance).map { path in
        let file = try File.open(readingFrom: path)
        var bytes = [UInt8](repeating: 0, count: try file.size())
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return (path, bytes)
      }
    } catch {
      failure = error
    }
  }

  /// Makes the rings what they were at the passage.
  ///
  /// - Returns: false when the turn did not come to it.
  func restore() throws -> Bool {
    passagesLeft = nil
    if let failure { throw failure }
    guard let rings else { return false }
    self.rings = nil
    for ring in rings {
      let file = try File.open(writingTo: ring.path)
      _ = try ring.bytes.withUnsafeBytes {
        try File.write($0, UnsafeRawBufferPointer(start: nil, count: 0), to: file.rawDescriptor, at: 0)
      }
    }
    return true
  }
}
