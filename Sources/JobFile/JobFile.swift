import Configuration
import EventJSON
import EventModel

/// A job as people write it down: a file in TOML 1.0, or a script that says it in lines `#ring key = value`.
///
/// What a value may be is decided where every event is checked, by `EventJSONDecoder`: this only knows how people spell it.
public struct JobFile: Sendable {
  /// Nil when the file does not say it.
  public let name: String?
  public let request: JobRequest

  /// - Parameter source: names the file in errors.
  /// - Throws: `ConfigurationError` with all that is wrong, each with its line.
  public init(toml text: String, source: String) throws(ConfigurationError) {
    try self.init(text, script: nil, source)
  }

  /// A script, and what it says of its job in its first lines of comments.
  ///
  /// - Parameter source: names the file in errors.
  /// - Throws: `ConfigurationError`.
  public init(script: String, source: String) throws(ConfigurationError) {
    try self.init(Self.settings(in: script), script: script, source)
  }

  private init(_ text: String, script: String?, _ source: String) throws(ConfigurationError) {
    let document = try ConfigurationDocument(text, source: source)
    var problems: [ConfigurationProblem] = []
    var name: String?
    var fields: [JSONValue.Member] = script.map { [JSONValue.Member("script", .string($0))] } ?? []
    for member in document.root {
      do throws(ConfigurationProblem) {
        if member.key == "name" {
          name = try Self.name(member.node)
        } else {
          fields.append(try Self.field(member, besides: script == nil ? [] : ["command", "script"]))
        }
      } catch {
        problems.append(document.located(error))
      }
    }
    do throws(ConfigurationProblem) {
      request = try problems.isEmpty ? Self.request(fields) : JobRequest()
    } catch {
      request = JobRequest()
      problems.append(document.located(error))
    }
    guard problems.isEmpty else {
      throw ConfigurationError(source: source, problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    self.name = name
  }

  /// The lines `#ring key = value` before the first that is no comment, each where it was.
  private static func settings(in script: String) -> String {
    var lines: [Substring] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) else { break }
      lines.append(line.hasPrefix("#ring ") ? line.dropFirst("#ring ".count) : "")
    }
    return lines.joined(separator: "\n")
  }

  private static func name(_ node: DocumentNode) throws(ConfigurationProblem) -> String {
    guard case .text(let name) = node else {
      throw ConfigurationProblem(key: "name", expected: "a text", came: node.summary)
    }
    return name
  }

  private static func field(
    _ member: DocumentNode.Member, besides taken: [String]
  ) throws(ConfigurationProblem) -> JSONValue.Member {
    guard let key = JobFileKey.all.first(where: { $0.name == member.key && !taken.contains($0.name) }) else {
      let known = ["name"] + JobFileKey.all.map(\.name).filter { !taken.contains($0) }
      throw ConfigurationProblem(
        key: member.key, expected: "only \(known.joined(separator: ", "))",
        came: taken.contains(member.key) ? "one beside the script itself" : "a key of another name")
    }
    let field = JSONValue.Member(key.field, try key.value(of: member.node))
    // By itself, so that each fault is found.
    _ = try request([field])
    return field
  }

  private static func request(_ fields: [JSONValue.Member]) throws(ConfigurationProblem) -> JobRequest {
    let record = JSONValue.object([
      JSONValue.Member("type", .string(EventKind.jobSubmitted.name)), JSONValue.Member("job_id", .string("job")),
      JSONValue.Member("request", .object(fields)),
    ])
    do throws(EventJSONError) {
      guard case .jobSubmitted(_, let request) = try EventJSONDecoder(timestamps: .optional).event(from: record).body
      else { preconditionFailure("a submission is a submission") }
      return request
    } catch {
      throw ConfigurationProblem(key: key(of: error.field), expected: error.expected, came: error.came)
    }
  }

  /// `request.run_timeout_ms` is `run_timeout`.
  private static func key(of path: String) -> String {
    let field = path.hasPrefix("request.") ? String(path.dropFirst("request.".count)) : path
    let first = String(field.prefix { $0 != "." && $0 != "[" })
    guard let key = JobFileKey.all.first(where: { $0.field == first }) else { return field }
    return key.name + field.dropFirst(first.count)
  }
}
