/// The target list of `Package.swift`, as far as imports are concerned.
struct Manifest {
  struct Target {
    let name: String
    /// From the root.
    let folder: String
    /// Tests, and the helpers that stand beside them.
    let isTest: Bool
    /// Modules: of targets, and of products of packages.
    let dependencies: Set<String>
  }

  let targets: [Target]

  init(_ text: String) {
    targets = text.matches(of: #/\.(target|executableTarget|testTarget)\(/#).map { match in
      let declaration = Self.balanced(text[match.range.upperBound...])
      let name = declaration.firstMatch(of: #/name: "([^"]+)"/#).map { String($0.1) } ?? ""
      let isTest = match.1 == "testTarget"
      let path = declaration.firstMatch(of: #/[ (]path: "([^"]+)"/#).map { String($0.1) }
      let folder = path ?? (isTest ? "Tests/" : "Sources/") + name
      return Target(
        name: name,
        folder: folder,
        isTest: folder.hasPrefix("Tests/"),
        dependencies: Self.dependencies(declaration))
    }
  }

  /// The target itself, and all that its dependencies and theirs are.
  func everything(neededBy target: String) -> Set<String> {
    var needed: Set = [target]
    var open = needed
    while let name = open.popFirst() {
      let more = targets.filter { $0.name == name }.reduce(into: Set()) { $0.formUnion($1.dependencies) }
      open.formUnion(more.subtracting(needed))
      needed.formUnion(more)
    }
    return needed
  }

  /// Up to the parenthesis that closes the one before `text`.
  private static func balanced(_ text: Substring) -> Substring {
    var depth = 1
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      default: continue
      }
      if depth == 0 { return text[..<index] }
    }
    return text
  }

  private static func dependencies(_ declaration: Substring) -> Set<String> {
    guard let list = declaration.firstMatch(of: #/dependencies: \[([^\]]*)\]/#)?.1 else { return [] }
    // The package of a product is not a module.
    let modules = list.replacing(#/, package: "[^"]+"/#, with: "")
    return Set(modules.matches(of: #/"([^"]+)"/#).map { String($0.1) })
  }
}
