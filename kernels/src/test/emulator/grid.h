// Libraries of kernels, and the launch of a grid of blocks.
#pragma once

#include <cstddef>
#include <string>

#include "block.h"

namespace emu {

// A shared library that was compiled from one .cu file.
struct Library {
  void *handle;
  Range image;
  // Thread-local memory of the library, which is its static shared memory.
  size_t static_bytes;
};

// Opens a library; null and a message if that is impossible.
Library *open_library(const char *path, std::string *error);

struct Outcome {
  Fault fault;
  // Empty if nothing went wrong.
  std::string error;
  // Memory that a checked kernel has touched.
  std::vector<Touched> touched;
};

// Runs all blocks of a grid on the CPU's threads.
Outcome run_grid(const Launch &launch);

}  // namespace emu
