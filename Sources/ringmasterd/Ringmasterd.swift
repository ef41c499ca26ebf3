import RingmasterDaemon

/// The dispatcher with the built-in parts.
@main
enum Ringmasterd {
  static func main() {
    DispatcherProgram.main()
  }
}
