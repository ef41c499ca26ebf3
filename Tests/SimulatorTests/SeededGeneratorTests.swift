import SeededRandom
import Testing

@Suite struct SeededGeneratorTests {
  /// As the authors' own program prints them: https://prng.di.unimi.it/splitmix64.c
  @Test func isSplitMix64() {
    var random = SeededGenerator(seed: 0)
    #expect(
      (0..<3).map { _ in random.next() } == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
  }

  @Test func drawsFromTheWholeRangeAndNothingElse() {
    var random = SeededGenerator(seed: 1)
    #expect(Set((0..<1000).map { _ in random.below(7) }) == Set(0..<7))
    #expect(random.element(of: [Int]()) == nil)
    #expect(!random.chance(0) && random.chance(100))
  }
}
