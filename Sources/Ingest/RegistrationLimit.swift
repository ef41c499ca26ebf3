import Platform

/// How many registrations are taken from one source: a burst, and so many a second after that.
///
/// Bounded: sources share places by a hash that nobody outside knows. Whoever is refused repeats its registration.
struct RegistrationLimit: ~Copyable {
  private struct Place: BitwiseCopyable {
    var left = Double(RegistrationLimit.burst)
    var seenNs: UInt64 = 0
  }

  /// A machine that starts a whole fleet.
  static let burst = 100_000
  static let perSecond = 5000
  private static let places = 4096

  private let places: UnsafeMutablePointer<Place>
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    places = .allocate(capacity: Self.places)
    places.initialize(repeating: Place(), count: Self.places)
  }

  deinit {
    places.deallocate()
  }

  /// Takes one registration of a source, if it may send one.
  func allows(_ source: SocketAddress, atNs nowNs: UInt64) -> Bool {
    let mixed = (source.network ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    let place = places + Int(truncatingIfNeeded: (mixed.high ^ mixed.low) >> 32) & (Self.places - 1)
    let seconds = Double(nowNs &- place.pointee.seenNs) / 1e9
    place.pointee.seenNs = nowNs
    place.pointee.left = min(Double(Self.burst), place.pointee.left + seconds * Double(Self.perSecond))
    guard place.pointee.left >= 1 else { return false }
    place.pointee.left -= 1
    return true
  }
}
