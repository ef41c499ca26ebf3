/// Cuts a stream of bytes into lines and decodes each: one record a line, blank lines left out.
///
/// Feed it the stream in chunks of any size. It holds at most one line, and of a line over the limit nothing.
public struct NDJSONReader<Record: Sendable>: Sendable {
  public struct Line: Sendable {
    /// Counts from 1, blank lines included.
    public let number: Int
    public let result: Result<Record, EventJSONError>
  }

  private let maxLineBytes: Int
  private let decode: @Sendable ([UInt8]) throws(EventJSONError) -> Record
  private var partial: [UInt8] = []
  private var isOverlong = false
  private var completedLines = 0

  /// `decode` makes a record of one line, given without its line feed.
  public init(
    maxLineBytes: Int = JSONLimits.lineBytes,
    decode: @escaping @Sendable ([UInt8]) throws(EventJSONError) -> Record
  ) {
    precondition(maxLineBytes > 0, "a line holds at least one byte, not \(maxLineBytes)")
    self.maxLineBytes = maxLineBytes
    self.decode = decode
  }

  /// The number of the line that the next byte belongs to.
  public var currentLine: Int { completedLines + 1 }

  /// The stream has been cut in the middle of a line.
  public var isInLine: Bool { isOverlong || !partial.isEmpty }

  /// Takes the next bytes of the stream and hands on each line that they complete.
  public mutating func read(_ chunk: [UInt8], _ receive: (Line) throws -> Void) rethrows {
    var rest = chunk[...]
    while let lineFeed = rest.firstIndex(of: 0x0A) {
      hold(rest[..<lineFeed])
      rest = rest[(lineFeed + 1)...]
      try completeLine(receive)
    }
    hold(rest)
  }

  /// Ends the stream: hands on a last line that has no line feed.
  public mutating func finish(_ receive: (Line) throws -> Void) rethrows {
    if isInLine { try completeLine(receive) }
  }

  private mutating func hold(_ bytes: ArraySlice<UInt8>) {
    guard !isOverlong else { return }
    if partial.count + bytes.count > maxLineBytes {
      isOverlong = true
      partial.removeAll()
    } else {
      partial += bytes
    }
  }

  private mutating func completeLine(_ receive: (Line) throws -> Void) rethrows {
    completedLines += 1
    let line = partial
    let wasOverlong = isOverlong
    partial.removeAll(keepingCapacity: true)
    isOverlong = false
    if wasOverlong {
      let error = EventJSONError(
        .lineTooLong, field: "", expected: "a line of at most \(maxLineBytes) bytes", came: "a longer one")
      try receive(Line(number: completedLines, result: .failure(error)))
    } else if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
      try receive(Line(number: completedLines, result: decoded(line)))
    }
  }

  private func decoded(_ line: [UInt8]) -> Result<Record, EventJSONError> {
    do throws(EventJSONError) {
      return .success(try decode(line))
    } catch {
      return .failure(error)
    }
  }
}
