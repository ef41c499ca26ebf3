import Testing

@testable import ringperf

@Suite struct SummaryTests {
  @Test func theMedianOfAnOddNumberIsTheMiddleOne() {
    let summary = Summary([9, 1, 5])
    #expect(summary.median == 5)
    #expect(summary.least == 1)
    #expect(summary.most == 9)
    #expect(summary.count == 3)
  }

  @Test func theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
    #expect(Summary([4, 1, 3, 2]).median == 2.5)
  }

  @Test func quartilesAreInterpolated() {
    let summary = Summary([1, 2, 3, 4])
    #expect(summary.lowerQuartile == 1.75)
    #expect(summary.upperQuartile == 3.25)
    #expect(summary.spread == 0.6)
  }

  @Test func oneSlowRoundMovesNeitherMedianNorSpread() {
    let quiet = Summary([100, 100, 100, 100, 100, 100, 100])
    let noisy = Summary([100, 100, 100, 3, 100, 100, 100])
    #expect(noisy.median == quiet.median)
    #expect(noisy.spread == 0)
  }

  @Test func oneRoundHasNoSpread() {
    let summary = Summary([7])
    #expect(summary.median == 7)
    #expect(summary.spread == 0)
  }

  @Test func aRatioComparesWithinARound() {
    // The machine was ten times slower in two rounds of three; the one is always twice the other.
    #expect(Summary.ratio([200, 20, 20], [100, 10, 10]) == 2)
    #expect(Summary.ratio([200, 20, 200], [10, 100, 100]) == 2)
  }
}
