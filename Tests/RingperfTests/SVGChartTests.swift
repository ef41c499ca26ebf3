import Foundation
import Testing

@testable import ringperf

@Suite struct SVGChartTests {
  /// Whether a parser of XML takes it.
  private func isWellFormed(_ text: String) -> Bool {
    // Each element that opens closes, in order.
    var open: [Substring] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasSuffix("/") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }

  @Test func barsAreWellFormedAndOneEach() {
    let svg = SVGChart.bars(title: "a < b & \"c\"", unit: "x/s", bars: [("one", 10), ("two", 5)]).svg
    #expect(isWellFormed(svg))
    #expect(svg.components(separatedBy: "<rect x=").count == 3)
    #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
  }

  @Test func theLongestBarIsTheLargestFigure() throws {
    let svg = SVGChart.bars(title: "t", unit: "u", bars: [("a", 1), ("b", 4)]).svg
    let widths = svg.matches(of: #/<rect x="[0-9.]+" y="[0-9.]+" width="([0-9.]+)"/#).compactMap { Double($0.1) }
    #expect(widths.count == 2)
    #expect(abs(widths[1] / widths[0] - 4) < 0.01)
  }

  @Test func figuresFarApartGetALogarithmicAxis() {
    let svg = SVGChart.bars(title: "t", unit: "messages/s", bars: [("a", 1e8), ("b", 1e5)]).svg
    #expect(svg.contains("messages/s, logarithmic"))
  }

  @Test func aPercentileCurveHasAPointForEachStep() {
    let curve = [(nines: 1.0, ns: 100.0), (nines: 10, ns: 200), (nines: 1000, ns: 5000)]
    let svg = SVGChart.percentiles(title: "t", curve: curve).svg
    #expect(isWellFormed(svg))
    let points = svg.firstMatch(of: #/points="([^"]+)"/#)?.1.split(separator: " ")
    #expect(points?.count == 3)
  }

  @Test func nothingToShowIsStillAPicture() {
    #expect(isWellFormed(SVGChart.bars(title: "t", unit: "u", bars: []).svg))
    #expect(isWellFormed(SVGChart.percentiles(title: "t", curve: []).svg))
  }
}
