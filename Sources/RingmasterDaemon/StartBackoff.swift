import Dispatcher
import DispatcherSettings
import Platform

/// How long a dispatcher waits before it ends because something does not let it start: the service manager starts it again
/// at once, and a disk that is full or fails is no better by then. Each failure in a row doubles the pause.
///
/// The last one is noted in a file beside the socket: that one is in memory, and can be written when the disk cannot.
struct StartBackoff {
  static let firstMs: Int64 = 1_000
  static let longestMs: Int64 = 30_000
  /// A failure so long after the pause of the one before begins anew.
  static let memoryMs: Int64 = 60_000

  private let path: String

  init(_ configuration: DispatcherConfiguration) {
    path = "\(configuration.socketPath)-\(configuration.instance).failed-start"
  }

  /// Begins anew behind a run that did not fail.
  func forget() {
    try? Folder.removeFile(path)
  }

  /// - Parameter wallMs: now.
  /// - Returns: the pause, in milliseconds.
  func noteFailure(wallMs: Int64 = Clock.wallMs()) -> Int64 {
    let noted = (try? File.open(readingFrom: path).contents(atMost: 64)).map { String(decoding: $0, as: UTF8.self) }
    let numbers = (noted ?? "").split(separator: " ").compactMap { Int64($0) }
    var pauseMs = Self.firstMs
    if numbers.count == 2, case (let lastMs, let lastPauseMs) = (numbers[0], numbers[1]),
      (Self.firstMs...Self.longestMs).contains(lastPauseMs),
      lastMs <= wallMs, lastMs >= wallMs - lastPauseMs - Self.memoryMs
    {
      pauseMs = min(lastPauseMs * 2, Self.longestMs)
    }
    // Where it cannot be noted, every pause is the first one.
    try? File.create(path).append("\(wallMs) \(pauseMs)")
    return pauseMs
  }
}
