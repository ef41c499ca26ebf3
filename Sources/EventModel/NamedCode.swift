/// A code of the vocabulary: a wire value and a name.
public protocol NamedCode: CaseIterable, Hashable, Sendable, RawRepresentable {
  var name: String { get }
  init?(name: String)
}
