/// A reference to a worker, job or task: an index into a table and the generation of the row it was issued for.
///
/// 64 bits, trivially copyable, and the only way entities are named on the wire and in rings once they exist. A handle
/// whose generation is not the row's present one is stale and is refused. Raw value 0 names nothing: generations start
/// at 1.
@frozen
public struct Handle<Entity>: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt64

  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  @inlinable
  public init(index: UInt32, generation: UInt32) {
    self.rawValue = UInt64(generation) << 32 | UInt64(index)
  }

  /// The handle that names nothing.
  @inlinable
  public static var none: Handle {
    Handle(rawValue: 0)
  }

  @inlinable
  public var index: UInt32 {
    UInt32(truncatingIfNeeded: rawValue)
  }

  @inlinable
  public var generation: UInt32 {
    UInt32(truncatingIfNeeded: rawValue >> 32)
  }

  @inlinable
  public var isNone: Bool {
    rawValue == 0
  }
}

extension Handle: CustomStringConvertible {
  /// `INDEX.GENERATION`, as people read and type it.
  public var description: String {
    "\(index).\(generation)"
  }
}

/// Marks a handle as a worker's; never instantiated.
public enum WorkerEntity {}
/// Marks a handle as a job's; never instantiated.
public enum JobEntity {}
/// Marks a handle as a task's; never instantiated.
public enum TaskEntity {}

public typealias WorkerHandle = Handle<WorkerEntity>
public typealias JobHandle = Handle<JobEntity>
public typealias TaskHandle = Handle<TaskEntity>
