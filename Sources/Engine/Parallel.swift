import CDNNL

/// Work that is cut into as many parts as there are threads.
///
/// Runs on the OpenMP team that oneDNN's primitives use too, so that the two never compete for
/// the cores. The parts are fixed by their number alone: the same thread count gives the same bits.
final class ParallelWork {
  private let body: (_ part: Int, _ parts: Int) -> Void

  init(_ body: @escaping (_ part: Int, _ parts: Int) -> Void) { self.body = body }

  func run(threads: Int) {
    guard threads > 1 else { return body(0, 1) }
    GOMP_parallel(
      { data in
        guard let data else { return }
        // The caller holds the object until all threads are done.
        let work = Unmanaged<ParallelWork>.fromOpaque(data).takeUnretainedValue()
        work.body(Int(omp_get_thread_num()), Int(omp_get_num_threads()))
      }, Unmanaged.passUnretained(self).toOpaque(), UInt32(threads), 0)
  }
}

/// The part of `0 ..< count` that belongs to one of several threads, in multiples of `grain`.
func share(_ count: Int, part: Int, parts: Int, grain: Int = 1) -> Range<Int> {
  let units = (count + grain - 1) / grain
  let begin = units * part / parts * grain
  let end = units * (part + 1) / parts * grain
  return min(begin, count)..<min(end, count)
}

/// The largest team that there may be. A primitive of oneDNN computes nonsense, or waits for ever, in a
/// smaller team than it was made for, as `OMP_THREAD_LIMIT` would have it.
let maxThreads = min(max(1, Int(omp_get_thread_limit())), 1024)

/// How many threads the machine offers.
let availableThreads = min(max(1, Int(omp_get_num_procs())), maxThreads)

/// Sets the size of the team for oneDNN's primitives that this thread makes and runs, which
/// `OMP_DYNAMIC` is not to change.
func setTeamSize(_ threads: Int) {
  omp_set_dynamic(0)
  omp_set_num_threads(Int32(threads))
}
