# Times a step and prints the row of it for the table of networks.
import resource
import statistics
import time


def measure(work, program, step, steps, warmups):
    for _ in range(warmups):
        step()
    walls, processors = [], []
    for _ in range(steps):
        start, used = time.perf_counter(), time.process_time()
        step()
        walls.append((time.perf_counter() - start) * 1e3)
        processors.append((time.process_time() - used) * 1e3)
    print("networks", work, program, *(
        f"{v:.3f}" for v in (statistics.median(walls), min(walls), statistics.median(processors))),
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}", "–", sep="\t")
