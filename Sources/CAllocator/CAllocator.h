#pragma once

// The parts of the allocator that Glibc for Swift leaves out.
#include <malloc.h>
