import CPeerQueues
import EventRing
import Foundation
import Platform

/// The partner's ends of other designs.
struct PeerEnds: ~Copyable {
  #if Compare
    private var memory: [SharedMemoryBox] = []
    private var out: OpaquePointer?
    private var back: OpaquePointer?
  #endif

  mutating func prepare(_ task: PartnerTask) throws {
    #if Compare
      close()
      if task.work == .peerAnswer {
        back = try open(task, 0, Int32(PQ_RECEIVER))
        out = try open(task, 1, Int32(PQ_SENDER))
      } else {
        out = try open(task, 0, Int32(PQ_SENDER))
      }
    #endif
  }

  mutating func perform(_ task: PartnerTask) throws {
    #if Compare
      let code =
        task.work == .peerAnswer
        ? pq_answer(back, out, task.records) : pq_send(out, task.records, UInt32(task.batch))
      // Now, not in the next round: its ends bear the same names.
      close()
      guard code == 0 else {
        throw SystemError("send over \(String(cString: pq_design_name(task.design)))", code: code)
      }
    #endif
  }

  #if Compare
    deinit {
      if let out { pq_close(out) }
      if let back { pq_close(back) }
    }

    private mutating func close() {
      if let out { pq_close(out) }
      if let back { pq_close(back) }
      (out, back) = (nil, nil)
      memory = []
    }

    private mutating func open(_ task: PartnerTask, _ index: Int, _ side: Int32) throws -> OpaquePointer {
      let shared = SharedMemoryBox(try SharedMemory.open(name: task.rings[index], writable: true, guarded: false))
      memory.append(shared)
      return try PeerEnd.open(
        design: task.design, side: side, memory: shared.memory.base, capacity: task.capacity,
        path: "\(task.path)/\(index)")
    }
  #endif
}

#if Compare
  /// Keeps a mapping while a design's end lies in it.
  final class SharedMemoryBox {
    let memory: SharedMemory

    init(_ memory: consuming SharedMemory) {
      self.memory = memory
    }
  }

  enum PeerEnd {
    static func open(
      design: Int32, side: Int32, memory: UnsafeMutableRawPointer, capacity: Int, path: String
    ) throws -> OpaquePointer {
      guard let end = pq_open(design, side, memory, UInt32(capacity), path) else {
        throw SystemError.last("open \(String(cString: pq_design_name(design)))")
      }
      return end
    }
  }
#endif
