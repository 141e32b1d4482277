import Glibc

/// The threads that compute, while they wait for each other.
///
/// Those of libgomp, on which oneDNN works, spin for several milliseconds before they sleep: on a busy
/// machine, or beside threads that decode images, they take the cores that the others need (of two
/// cores half was measured to be lost). How long they spin is read from the environment when the library
/// is loaded, before `main`.
enum OpenMP {
  /// Lets them spin for some hundredths of a millisecond only: the program starts anew, once, with the
  /// environment that says so. To be called before anything is read or written, by commands that
  /// compute for long. What the user set (`OMP_WAIT_POLICY`, `GOMP_SPINCOUNT`) stays.
  static func limitSpinning() {
    guard getenv("OMP_WAIT_POLICY") == nil, getenv("GOMP_SPINCOUNT") == nil else { return }
    setenv("GOMP_SPINCOUNT", "2000", 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    // Where that is not possible, the command works as well, only slower.
  }
}
