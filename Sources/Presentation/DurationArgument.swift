import ArgumentParser

/// A span of time as people type it, and as systemd reads it: `100ms`, `1.5s`, `5min`, `1h 30min`, `2d`.
public struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  public let milliseconds: Int64

  private static let units: [(names: [String], milliseconds: Double)] = [
    (["ms", "msec"], 1), (["s", "sec", "second", "seconds"], 1000), (["m", "min", "minute", "minutes"], 60_000),
    (["h", "hr", "hour", "hours"], 3_600_000), (["d", "day", "days"], 86_400_000),
    (["w", "week", "weeks"], 604_800_000),
  ]
  private static let longestMs = 1e12

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public init?(argument: String) {
    var rest = argument[...]
    var milliseconds = 0.0
    repeat {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count).drop { $0 == " " }
      let name = rest.prefix(while: \.isLetter)
      rest = rest.dropFirst(name.count).drop { $0 == " " }
      guard let value = Double(number), let unit = Self.units.first(where: { $0.names.contains(String(name)) }) else {
        return nil
      }
      milliseconds += value * unit.milliseconds
    } while !rest.isEmpty
    guard milliseconds == milliseconds.rounded(), milliseconds <= Self.longestMs else { return nil }
    self.milliseconds = Int64(milliseconds)
  }

  public var description: String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  public var defaultValueDescription: String { description }
}
