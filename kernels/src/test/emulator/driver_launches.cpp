// Look-alike of the CUDA driver: launches.

#include <algorithm>
#include <cstring>
#include <memory>

#include "driver.h"

using namespace emu;

namespace emu {

// CUlaunchAttribute of cuda.h.
struct LaunchAttribute {
  static constexpr int kProgrammaticStreamSerialization = 6;

  int id;
  char padding[4];
  union {
    char bytes[64];
    int may_overlap;
  } value;
};
static_assert(sizeof(LaunchAttribute) == 72);

// CUlaunchConfig of cuda.h.
struct LaunchConfig {
  uint3 grid;
  uint3 block;
  unsigned dynamic_bytes;
  CUstream stream;
  const LaunchAttribute *attributes;
  unsigned attribute_count;
};
static_assert(sizeof(LaunchConfig) == 56);

}  // namespace emu

namespace {

// Parameters of a launch, which the caller may change once the call has returned.
struct Parameters {
  std::vector<std::unique_ptr<unsigned char[]>> memory;
  std::vector<void *> pointers;

  Parameters(const Kernel &kernel, void **from) {
    for (int i = 0; i < kernel.parameters; i++) {
      // Tensor maps are 64-byte aligned on the device.
      constexpr size_t kAlignment = 64;
      size_t bytes = kernel.parameter_bytes[i];
      memory.emplace_back(new unsigned char[bytes + kAlignment]);
      uintptr_t address = reinterpret_cast<uintptr_t>(memory.back().get());
      void *copy =
          reinterpret_cast<void *>((address + kAlignment - 1) / kAlignment * kAlignment);
      memcpy(copy, from[i], bytes);
      pointers.push_back(copy);
    }
  }
};

uint64_t rounded(uint64_t count, uint64_t unit) { return (count + unit - 1) / unit * unit; }

// Multiprocessors give registers to four warps at a time, and eight by eight to a thread.
constexpr uint64_t kFourWarps = 4 * kWarpSize;
constexpr uint64_t kEightRegisters = 8;

// What a library without static shared memory has of it: the emulator's mark.
constexpr size_t kStaticBytesOfNone = 1;

// Registers of a thread: those that the compiler gave, or as many as it may give at most.
int registers_at_launch(const CUfunc_st &function, uint64_t threads) {
  constexpr uint64_t kMostOfThread = 255;
  uint64_t given = uint64_t(registers_of(function.name));
  if (given != 0) return int(rounded(given, kEightRegisters));
  uint64_t most = std::min(kMostRegisters / rounded(threads, kFourWarps), kMostOfThread);
  return int(most / kEightRegisters * kEightRegisters);
}

CUresult run(const CUfunc_st &function, uint3 grid, uint3 block, size_t dynamic_bytes,
             bool overlaps, Parameters &parameters) {
  Launch launch{};
  launch.device = function.device;
  launch.name = function.name.c_str();
  launch.kernel = function.kernel;
  launch.library = function.library;
  launch.grid = grid;
  launch.block = block;
  launch.dynamic_bytes = dynamic_bytes;
  launch.cluster_blocks = function.kernel->cluster_blocks();
  launch.registers = registers_at_launch(function, uint64_t(block.x) * block.y * block.z);
  launch.parameters = parameters.pointers.data();
  launch.seed = driver().seed;
  launch.capability = driver().capability;
  driver().launches++;
  if (overlaps) driver().overlapping++;
  Outcome outcome = run_grid(launch);
  if (!outcome.error.empty()) return error(outcome.fault, outcome.error);
  CUresult result = CUDA_SUCCESS;
  for (const Touched &touched : outcome.touched) {
    if (touched.read.begin != nullptr && result == CUDA_SUCCESS) {
      result = access(function.name, touched.read, false);
    }
    if (touched.written.begin != nullptr && result == CUDA_SUCCESS) {
      result = access(function.name, touched.written, true);
    }
  }
  return result;
}

CUresult check_registers(const CUfunc_st &function, uint64_t threads) {
  int registers = registers_at_launch(function, threads);
  if (uint64_t(registers) * rounded(threads, kFourWarps) <= kMostRegisters) return CUDA_SUCCESS;
  return error(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
               "cuLaunchKernel: " + function.name + " with " + std::to_string(threads) +
                   " threads of " + std::to_string(registers) + " registers, a block has " +
                   std::to_string(kMostRegisters));
}

CUresult check_launch(const CUfunc_st &function, uint3 grid, uint3 block, size_t dynamic_bytes) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffff || grid.y > 65535 ||
      grid.z > 65535) {
    return error(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel: grid out of range");
  }
  if (block.x == 0 || block.y == 0 || block.z == 0 || block.z > 64 ||
      uint64_t(block.x) * block.y * block.z > 1024) {
    return error(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel: block out of range");
  }
  if (dynamic_bytes > size_t(function.most_dynamic_bytes)) {
    return error(CUDA_ERROR_INVALID_VALUE,
                 "cuLaunchKernel: " + std::to_string(dynamic_bytes) +
                     " bytes of shared memory, the function allows " +
                     std::to_string(function.most_dynamic_bytes));
  }
  int blocks = function.kernel->cluster_blocks();
  if (grid.x % unsigned(blocks) != 0) {
    return error(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel: " + std::to_string(grid.x) +
                                               " blocks in clusters of " + std::to_string(blocks));
  }
  if (blocks > 1 && function.library->static_bytes > kStaticBytesOfNone) {
    return error(CUDA_ERROR_NOT_SUPPORTED,
                 "cuLaunchKernel: clusters with static shared memory are not emulated");
  }
  return check_registers(function, uint64_t(block.x) * block.y * block.z);
}

// A kernel may be started while the one before it runs: only behind a kernel. What drivers make of
// the attribute behind anything else is not written down.
CUresult check_overlap(CUstream stream) {
  constexpr int kOldestCapability = 90;
  constexpr int kOldestCapturing = 12030;
  if (driver().capability < kOldestCapability) {
    return error(CUDA_ERROR_NOT_SUPPORTED,
                 "cuLaunchKernelEx: kernels overlap from compute capability 9.0 on");
  }
  if (!exists(stream)) {
    return error(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernelEx: no such stream");
  }
  CUgraph capture = stream->capture;
  if (capture != nullptr && driver().version < kOldestCapturing) {
    return error(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                 "cuLaunchKernelEx: drivers capture kernels that overlap from CUDA 12.3 on");
  }
  if (!(capture != nullptr ? capture->ends_with_kernel : stream->ends_with_kernel)) {
    return error(CUDA_ERROR_INVALID_VALUE,
                 "cuLaunchKernelEx: expected a kernel before one that overlaps with it");
  }
  return CUDA_SUCCESS;
}

CUresult launch(CUfunction function, uint3 grid, uint3 block, size_t dynamic_bytes, CUstream stream,
                bool overlaps, void **parameters) {
  if (!exists(function)) {
    return error(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel: no such function");
  }
  if (function->device != current_device()) {
    return error(CUDA_ERROR_INVALID_HANDLE,
                 "cuLaunchKernel: " + function->name + " is a function of another device");
  }
  CUresult result = check_launch(*function, grid, block, dynamic_bytes);
  if (result == CUDA_SUCCESS && overlaps) result = check_overlap(stream);
  if (result != CUDA_SUCCESS) return result;
  auto copies = std::make_shared<Parameters>(*function->kernel, parameters);
  CUfunc_st copy = *function;
  return issue_kernel(stream, "cuLaunchKernel", [=] {
    return run(copy, grid, block, dynamic_bytes, overlaps, *copies);
  });
}

}  // namespace

extern "C" {

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z,
                        unsigned dynamic_bytes, CUstream stream, void **parameters, void **) {
  return locked([&] {
    return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes,
                  stream, false, parameters);
  });
}

CUresult cuLaunchKernelEx(const LaunchConfig *config, CUfunction function, void **parameters,
                          void **) {
  return locked([&] {
    bool overlaps = false;
    for (unsigned i = 0; i < config->attribute_count; i++) {
      const LaunchAttribute &attribute = config->attributes[i];
      if (attribute.id != LaunchAttribute::kProgrammaticStreamSerialization) {
        return error(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernelEx: attribute " +
                                                   std::to_string(attribute.id) +
                                                   " is not emulated");
      }
      overlaps = attribute.value.may_overlap != 0;
    }
    return launch(function, config->grid, config->block, config->dynamic_bytes, config->stream,
                  overlaps, parameters);
  });
}
}
