import Platform

/// The programs of this build: they lie in one folder.
enum Executable {
  static let own = Machine.executablePath()

  /// - Throws: when it was not built.
  static func sibling(_ name: String) throws -> String {
    let path = Machine.sibling(name)
    guard Environment.isExecutable(path) else {
      throw BenchmarkError("\(name) is not beside \(own): build it with swift build -c release --product \(name)")
    }
    return path
  }
}

/// Why a benchmark cannot be run or its figures cannot be believed.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
