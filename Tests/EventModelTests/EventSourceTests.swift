import EventModel
import Testing

@Suite struct EventSourceTests {
  @Test(arguments: [
    ("nightly", "nightly/0/1"), ("a/b", "a/b/0/1"), ("a/2/3", "a/2/3"), ("a/b/2/3", "a/b/2/3"),
    ("x/0/9007199254740991", "x/0/9007199254740991"),
  ])
  func textThereAndBack(text: String, whole: String) throws {
    let source = try #require(EventSource(text))
    #expect(source.description == whole)
    #expect(EventSource(whole) == source)
  }

  @Test(arguments: [
    "", "/1/1", "a/1/0", "a/1/9007199254740992", "a/9007199254740992/1", "a\n", String(repeating: "n", count: 256),
  ])
  func whatIsNone(text: String) {
    #expect(EventSource(text) == nil)
  }
}
