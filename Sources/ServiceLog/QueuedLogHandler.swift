import Logging

/// Puts entries into a `LogQueue`.
public struct QueuedLogHandler: LogHandler {
  private let queue: LogQueue
  public var logLevel = Logger.Level.info
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?

  public init(_ queue: LogQueue) {
    self.queue = queue
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var event = event
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, later in later } }
    if let own = event.metadata { all.merge(own) { _, later in later } }
    event.metadata = all.isEmpty ? nil : all
    queue.add(event)
  }
}
