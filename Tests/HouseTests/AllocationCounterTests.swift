import CAllocationCounter
import Testing

/// Other tests claim that a path allocates nothing; these show that an allocation would have been seen.
@Suite struct AllocationCounterTests {
  @Test func anArrayCounts() {
    var array: [Int] = []
    let allocations = allocations { array = [Int](repeating: 7, count: 1000) }
    #expect(allocations == 1)
    #expect(array.count == 1000)
  }

  @Test func anObjectCounts() {
    var object: Box?
    let allocations = allocations { object = Box(value: 7) }
    #expect(allocations == 1)
    #expect(object?.value == 7)
  }

  @Test(arguments: [16, 64, 4096])
  func alignedMemoryCounts(alignment: Int) {
    var memory = UnsafeMutableRawPointer(bitPattern: 1)
    let allocations = allocations { memory = .allocate(byteCount: 4096, alignment: alignment) }
    #expect(allocations == 1)
    #expect(UInt(bitPattern: memory) % UInt(alignment) == 0)
    memory?.deallocate()
  }

  @Test func givingBackDoesNot() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 64)
    #expect(allocations { memory.deallocate() } == 0)
  }

  @Test func arithmeticDoesNot() {
    var sum = 0
    let allocations = allocations {
      var number = 0
      while number < 1000 {
        sum += number * number
        number += 1
      }
    }
    #expect(allocations == 0)
    #expect(sum == 332_833_500)
  }

  @Test func aBlockKeepsItsBytesWhenItGrows() {
    var array = [Int](repeating: 7, count: 3)
    let allocations = allocations { array.append(contentsOf: [Int](repeating: 7, count: 10_000)) }
    #expect(allocations >= 1)
    #expect(array == [Int](repeating: 7, count: 10_003))
  }
}

private func allocations(in body: () -> Void) -> UInt64 {
  let before = allocation_count_of_this_thread()
  body()
  return allocation_count_of_this_thread() - before
}

private final class Box {
  let value: Int
  init(value: Int) { self.value = value }
}
