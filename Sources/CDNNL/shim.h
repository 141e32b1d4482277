#pragma once

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

// The OpenMP runtime that oneDNN brings (libgomp's stable entry points, as compiled code calls
// them): our own loops run on the same team of threads, so the two never compete for the cores.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_num_procs(void);
int omp_get_thread_limit(void);
void omp_set_dynamic(int dynamic);
void omp_set_num_threads(int count);
