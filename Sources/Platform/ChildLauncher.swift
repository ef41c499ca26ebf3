import CPlatform
import Glibc

/// What runs in a child before its program does: ties its life to its parent's, then becomes the program.
///
/// A parent that is killed with SIGKILL can stop nothing itself; the kernel does it for a process that asked. It goes by
/// the *thread* that started the process, so that one must live as long.
public enum ChildLauncher {
  /// Becomes the program `arguments[0]`, which gets SIGTERM when the process `parent` ends.
  ///
  /// - Throws: `SystemError` when there is no such program. Returns only by throwing.
  public static func launch(_ arguments: [String], parent: Int32) throws -> Never {
    let code = rm_set_parent_death_signal(SIGTERM)
    guard code == 0 else { throw SystemError("ask to end with the parent process", code: -code) }
    // The parent may have ended before it was asked for.
    guard getppid() == parent else { exit(EXIT_FAILURE) }
    // Threads of the runtime block signals, and a program inherits what its first thread blocks.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    try become(arguments)
  }

  /// Becomes the program `arguments[0]`, a path.
  ///
  /// - Throws: `SystemError` when there is no such program. Returns only by throwing.
  public static func become(_ arguments: [String]) throws -> Never {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    execv(arguments[0], &words)
    throw SystemError.last("start \(arguments[0])", advice: "build the whole package first: swift build -c release")
  }
}
