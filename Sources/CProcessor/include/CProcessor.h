#pragma once

/// The highest x86-64 level (1 to 4, of the x86-64 psABI) that processor and operating system
/// support together; 0 on other architectures.
int processor_x86_64_level(void);
