/// First in, first out, in one array that is cleared away from the front now and then. Appending and removing are O(1)
/// amortised.
struct Queue<Element> {
  /// nil where one was removed, so that what it held goes at once.
  private var elements: [Element?] = []
  private var head = 0

  private static var headToClear: Int { 1024 }

  var count: Int { elements.count - head }
  var isEmpty: Bool { head == elements.count }

  var first: Element? { isEmpty ? nil : elements[head] }
  var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  /// Counted from the first.
  subscript(index: Int) -> Element {
    get { element(head + index) }
    set { elements[head + index] = newValue }
  }

  private func element(_ index: Int) -> Element {
    guard let element = elements[index] else { preconditionFailure("element \(index) was removed") }
    return element
  }

  mutating func append(_ element: Element) {
    elements.append(element)
  }

  /// Seldom, or near the end.
  ///
  /// - Parameter index: counted from the first.
  mutating func insert(_ element: Element, at index: Int) {
    elements.insert(element, at: head + index)
  }

  /// Seldom, or near the end.
  mutating func remove(at index: Int) -> Element {
    guard index > 0 else { return removeFirst() }
    let element = element(head + index)
    elements.remove(at: head + index)
    return element
  }

  @discardableResult
  mutating func removeFirst() -> Element {
    let element = element(head)
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: elements.capacity <= Self.headToClear)
      head = 0
    } else if head >= Self.headToClear, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// The index of the first element of which the condition is true, given that it is of all behind it; `count` if of none.
  func firstIndex(where condition: (Element) -> Bool) -> Int {
    var low = head
    var high = elements.count
    while low < high {
      let middle = (low + high) >> 1
      if condition(element(middle)) { high = middle } else { low = middle + 1 }
    }
    return low - head
  }
}
