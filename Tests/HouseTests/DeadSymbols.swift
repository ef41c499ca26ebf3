/// Finds what is declared and never used: names are compared as words, so a dead one that shares its name with a live one is
/// not found, and nothing live is reported.
struct DeadSymbols {
  struct Declaration: Hashable {
    let name: String
    let place: String
  }

  private static let typeWords: Set = ["struct", "class", "enum", "actor", "protocol"]
  private static let memberWords: Set = ["func", "var", "let", "typealias"]
  private static let macroWord = "define"

  private var declarations: [Declaration] = []
  private var used: Set<String> = []

  /// Declarations whose names occur nowhere else than in declarations, as labels of arguments, or inside the type of that name.
  var unused: [Declaration] {
    declarations.filter { !used.contains($0.name) }
  }

  mutating func add(_ text: String, path: String) {
    var words = CodeWords(text)
    if path.hasSuffix(".swift") { addSwift(&words, path) } else { addC(&words, path) }
  }

  private mutating func declare(_ word: CodeWords.Word, _ path: String) {
    if word.text != "_" { declarations.append(Declaration(name: word.text, place: "\(path):\(word.line)")) }
  }

  private mutating func addSwift(_ words: inout CodeWords, _ path: String) {
    var types: [(name: String, depth: Int)] = []
    var opening: String?
    var previous = ""
    var startsProgram = false
    var depth = 0
    while let word = words.next() {
      let declares = word.followsSpace ? previous : ""
      previous = word.text
      if word.text == "{" {
        depth += 1
        if let name = opening.take() { types.append((name, depth)) }
      } else if word.text == "}" {
        if types.last?.depth == depth { types.removeLast() }
        depth -= 1
      }
      if word.text == "main", word.before == UInt8(ascii: "@") { startsProgram = true }
      if Self.typeWords.contains(declares), !Self.memberWords.contains(word.text) {
        opening = word.text
        if startsProgram { used.insert(word.text) } else { declare(word, path) }
        startsProgram = false
      } else if declares == "extension" {
        opening = word.text
      } else if Self.memberWords.contains(declares) {
        declare(word, path)
      } else if !word.isLabel, !types.contains(where: { $0.name == word.text }) {
        used.insert(word.text)
      }
    }
  }

  private mutating func addC(_ words: inout CodeWords, _ path: String) {
    // C++ has more ways to declare than this understands.
    let declares = path.hasSuffix(".c") || path.hasSuffix(".h")
    var previous = ""
    while let word = words.next() {
      let isMacro = previous == Self.macroWord
      previous = word.text
      if declares, isMacro || word.isFunctionOfC { declare(word, path) } else { used.insert(word.text) }
    }
  }
}
