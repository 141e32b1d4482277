import Files
import Glibc

/// The right to train into a run folder, which one process has at a time. It goes with the process.
final class RunLock: Sendable {
  private let descriptor: Int32

  /// - Throws: ``TrainingError/inUse(folder:)`` where another trainer has the folder.
  init(_ folder: RunFolder) throws(TrainingError) {
    descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .file(path: folder.path, problem: errorText(errno))
    }
    // A file system without locks is no reason not to train.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      close(descriptor)
      throw .inUse(folder: folder.path)
    }
  }

  deinit {
    // The lock is of the open directory, not of the descriptor: a process that is just being started has
    // a copy until it runs its program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
