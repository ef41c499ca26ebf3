import Platform

/// Why a commit was not written.
enum WriteFault: Error {
  /// There is no space for it: what was tried can be tried again, byte for byte.
  case noSpace(SystemError)
  /// What is on the disk is not known any more.
  case broken(SystemError)

  /// Before a sync, lack of space leaves everything as it was. What a failed sync leaves is never known.
  init(beforeSync error: SystemError) {
    self = error.meansNoSpace ? .noSpace(error) : .broken(error)
  }
}
