/// Where a process is killed, and how it comes about.
enum KillPlace: String, CaseIterable {
  // Fail points, at which the dispatcher kills itself.
  case afterRead = "after_read"
  case midCascade = "mid_cascade"
  case beforeWrite = "before_write"
  case midWrite = "mid_write"
  case afterWrite = "after_write"
  case beforeSync = "before_sync"
  case afterSync = "after_sync"
  case beforePublish = "before_publish"
  case afterPublish = "after_publish"
  // The dispatcher ends, because its disk fails it.
  case failedSync = "failed_sync"
  // Killed from outside, wherever it is then.
  case dispatcher
  case ingest
  case archive
  case client
  case udp

  static let failPoints: [KillPlace] = [
    .afterRead, .midCascade, .beforeWrite, .midWrite, .afterWrite, .beforeSync, .afterSync, .beforePublish,
    .afterPublish, .failedSync,
  ]

  /// A fail point is passed up to so many times before it kills: as often as a life of a dispatcher surely passes it.
  var passagesAtMost: Int {
    switch self {
    case .afterRead, .beforePublish, .afterPublish: 1500
    case .midCascade: 6
    default: 25
    }
  }
}

/// The passage of a fail point at which a process ends itself.
struct PlannedEnd: Hashable {
  let place: KillPlace
  /// Counts from 1.
  let passage: Int
  /// How far into a cascade: from its beginning, in microseconds.
  let cascadeUs: Int
}
