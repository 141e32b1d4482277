// glibc declares affinities for GNU's C alone.
#define _GNU_SOURCE
#include "CProcessor.h"

#include <sched.h>
#include <unistd.h>

int processor_count(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 1 ? (int)online : 1;
}

#if defined(__x86_64__)
#include <cpuid.h>

// Whether `value` has all bits of `mask`.
static int has(unsigned value, unsigned mask) { return (value & mask) == mask; }

// The register states that the operating system saves (XCR0).
static unsigned saved_states(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

int processor_x86_64_level(void) {
  unsigned a, b, c, d, b7 = 0, c81 = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 1;
  const unsigned c1 = c;
  if (!has(c1, bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT)) return 1;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) b7 = b;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d)) c81 = c;

  const unsigned ymm = 0x6, zmm = 0xe6;
  if (!has(c1, bit_AVX | bit_FMA | bit_F16C | bit_MOVBE | bit_OSXSAVE)) return 2;
  if (!has(b7, bit_AVX2 | bit_BMI | bit_BMI2) || !has(c81, bit_LZCNT)) return 2;
  if (!has(saved_states(), ymm)) return 2;

  if (!has(b7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL)) return 3;
  return has(saved_states(), zmm) ? 4 : 3;
}
#else
int processor_x86_64_level(void) { return 0; }
#endif
