// Look-alike of the CUDA driver: devices, contexts, modules, errors, and how tests set it up.

#include <dlfcn.h>

#include <cstdio>

#include "driver.h"

using namespace emu;

namespace emu {

thread_local std::string last_error;

namespace {

thread_local CUcontext current_context;
int primary_contexts[kDevices];

// CU_DEVICE_ATTRIBUTE_ and CU_FUNC_ATTRIBUTE_ of cuda.h
enum {
  kMaxThreadsPerBlock = 1,
  kMaxSharedPerBlock = 8,
  kWarp = 10,
  kMaxRegistersPerBlock = 12,
  kMultiprocessors = 16,
  kMaxThreadsPerMultiprocessor = 39,
  kUnifiedAddressing = 41,
  kMajor = 75,
  kMinor = 76,
  kMaxSharedPerMultiprocessor = 81,
  kMaxSharedPerBlockOptin = 97,
};
enum {
  kFunctionMaxThreads = 0,
  kFunctionStaticShared = 1,
  kFunctionRegisters = 4,
  kFunctionMaxDynamicShared = 8,
};

constexpr int kSharedWithoutOptin = 48 << 10;
constexpr int kMaxThreads = 2048;

// Bytes of shared memory of a block, as the CUDA programming guide lists them.
int most_shared() {
  int capability = driver().capability;
  if (capability >= 120) return 99 << 10;
  return (capability >= 90 ? 227 : 163) << 10;
}

}  // namespace

Driver &driver() {
  static Driver *state = new Driver;
  return *state;
}

int registers_of(const std::string &kernel) {
  auto found = driver().registers.find({kernel, driver().capability});
  return found == driver().registers.end() ? 0 : found->second;
}

CUresult error(CUresult result, const std::string &message) {
  last_error = message;
  return result;
}

int current_device() {
  return int(static_cast<int *>(current_context) - primary_contexts);
}

CUresult require_context() {
  if (!driver().initialised) return error(CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called");
  if (current_context == nullptr) {
    return error(CUDA_ERROR_INVALID_CONTEXT, "the calling thread has no current context");
  }
  if (driver().contexts[current_device()] == 0) {
    return error(CUDA_ERROR_INVALID_CONTEXT, "the context was destroyed");
  }
  return CUDA_SUCCESS;
}

namespace {

CUresult retain(CUcontext *context, CUdevice device) {
  driver().contexts[device]++;
  *context = &primary_contexts[device];
  return CUDA_SUCCESS;
}

CUresult release(CUdevice device) {
  int &contexts = driver().contexts[device];
  if (contexts == 0) return error(CUDA_ERROR_INVALID_CONTEXT, "no context is retained");
  contexts--;
  return CUDA_SUCCESS;
}

int device_attribute(int attribute) {
  switch (attribute) {
    case kMaxThreadsPerBlock:
      return 1024;
    case kMaxSharedPerBlock:
      return kSharedWithoutOptin;
    case kWarp:
      return kWarpSize;
    case kMaxRegistersPerBlock:
      return kMostRegisters;
    case kMultiprocessors:
      return 4;  // few, so that kernels which loop over tiles do loop
    case kMaxThreadsPerMultiprocessor:
      return kMaxThreads;
    case kUnifiedAddressing:
      return 1;
    case kMajor:
      return driver().capability / 10;
    case kMinor:
      return driver().capability % 10;
    case kMaxSharedPerMultiprocessor:
      return most_shared() + 1024;
    case kMaxSharedPerBlockOptin:
      return most_shared();
    default:
      return 0;
  }
}

}  // namespace
}  // namespace emu

extern "C" {

// ---- for tests ----

void emu_configure(uint64_t seed, int capability, uint64_t total_bytes, int driver_version) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  driver().seed = seed;
  driver().capability = capability;
  driver().version = driver_version;
  for (int device = 0; device < kDevices; device++) device_memory(device).set_total(total_bytes);
}
void emu_set_registers(const char *kernel, int capability, int registers) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  driver().registers[{kernel, capability}] = registers;
}
const char *emu_last_error() { return last_error.c_str(); }
uint64_t emu_launches() {
  std::lock_guard<std::mutex> lock(driver().mutex);
  return driver().launches;
}
uint64_t emu_overlapping_launches() {
  std::lock_guard<std::mutex> lock(driver().mutex);
  return driver().overlapping;
}

// ---- devices ----

CUresult cuInit(unsigned) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  driver().initialised = true;
  return CUDA_SUCCESS;
}
CUresult cuDriverGetVersion(int *version) {
  *version = driver().version;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int *count) {
  *count = kDevices;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  if (ordinal < 0 || ordinal >= kDevices) return error(CUDA_ERROR_INVALID_DEVICE, "no such device");
  *device = ordinal;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char *name, int bytes, CUdevice) {
  snprintf(name, size_t(bytes), "CPU emulation");
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  *value = device_attribute(attribute);
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  *bytes = device_memory(device).total();
  return CUDA_SUCCESS;
}

// ---- contexts ----

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  return retain(context, device);
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  return release(device);
}
CUresult cuCtxCreate_v2(CUcontext *context, unsigned, CUdevice device) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  CUresult result = retain(context, device);
  current_context = *context;
  return result;
}
CUresult cuCtxDestroy_v2(CUcontext context) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  current_context = nullptr;
  return release(int(static_cast<int *>(context) - primary_contexts));
}
CUresult cuCtxSetCurrent(CUcontext context) {
  current_context = context;
  return CUDA_SUCCESS;
}
CUresult cuCtxGetCurrent(CUcontext *context) {
  *context = current_context;
  return CUDA_SUCCESS;
}
CUresult cuCtxGetDevice(CUdevice *device) {
  if (current_context == nullptr) return error(CUDA_ERROR_INVALID_CONTEXT, "no current context");
  *device = current_device();
  return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize() {
  return locked([] {
    CUresult result = require_no_capture("cuCtxSynchronize");
    if (result == CUDA_SUCCESS) driver().host.join(driver().issued);
    return result;
  });
}

// ---- modules ----

// The image is the path of a library, as text that ends in a zero.
CUresult cuModuleLoadData(CUmodule *module, const void *image) {
  return locked([&] {
    std::string message;
    Library *library = open_library(static_cast<const char *>(image), &message);
    if (library == nullptr) return error(CUDA_ERROR_INVALID_IMAGE, message);
    *module = keep(new CUmod_st{current_device(), library});
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned, int *, void **) {
  return cuModuleLoadData(module, image);
}
// The library stays, because functions of it may still be held.
CUresult cuModuleUnload(CUmodule module) {
  return locked([&] {
    return destroy(module) ? CUresult(CUDA_SUCCESS)
                           : error(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload: no such module");
  });
}
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  return locked([&] {
    if (!exists(module)) return error(CUDA_ERROR_INVALID_HANDLE, "no such module");
    std::string symbol = std::string(name) + "__emu";
    void *kernel = dlsym(module->library->handle, symbol.c_str());
    if (kernel == nullptr) {
      return error(CUDA_ERROR_NOT_FOUND, std::string("no kernel ") + name +
                                             " in the module; KERNEL_EXPORT is what shows it");
    }
    auto *description = static_cast<const Kernel *>(kernel);
    *function = keep(new CUfunc_st{module->device, name, description, module->library,
                                   kSharedWithoutOptin});
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuModuleGetGlobal_v2(CUdeviceptr *address, size_t *bytes, CUmodule module,
                              const char *name) {
  return locked([&] {
    void *symbol = exists(module) ? dlsym(module->library->handle, name) : nullptr;
    if (symbol == nullptr) return error(CUDA_ERROR_NOT_FOUND, std::string("no variable ") + name);
    *address = reinterpret_cast<CUdeviceptr>(symbol);
    if (bytes != nullptr) *bytes = 0;
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
  return locked([&] {
    if (!exists(function)) return error(CUDA_ERROR_INVALID_HANDLE, "no such function");
    if (attribute != kFunctionMaxDynamicShared) return CUresult(CUDA_SUCCESS);
    if (value > most_shared()) {
      return error(CUDA_ERROR_INVALID_VALUE, std::to_string(value) +
                                                 " bytes of shared memory are more than the " +
                                                 std::to_string(most_shared()) + " of a block");
    }
    function->most_dynamic_bytes = value;
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuFuncGetAttribute(int *value, int attribute, CUfunction function) {
  return locked([&] {
    if (!exists(function)) return error(CUDA_ERROR_INVALID_HANDLE, "no such function");
    switch (attribute) {
      case kFunctionMaxThreads:
        *value = 1024;
        break;
      case kFunctionStaticShared:
        *value = int(function->library->static_bytes);
        break;
      case kFunctionRegisters:
        *value = registers_of(function->name);
        break;
      case kFunctionMaxDynamicShared:
        *value = function->most_dynamic_bytes;
        break;
      default:
        *value = 0;
    }
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction, int threads,
                                                     size_t dynamic_bytes) {
  return locked([&] {
    int by_threads = kMaxThreads / (threads > 0 ? threads : 1);
    int by_memory = int(size_t(most_shared() + 1024) / (dynamic_bytes + 1024));
    *blocks = by_threads < by_memory ? by_threads : by_memory;
    return CUresult(CUDA_SUCCESS);
  });
}

// ---- errors ----

CUresult cuGetErrorName(CUresult result, const char **name) {
  switch (result) {
    case CUDA_SUCCESS:
      *name = "CUDA_SUCCESS";
      break;
    case CUDA_ERROR_OUT_OF_MEMORY:
      *name = "CUDA_ERROR_OUT_OF_MEMORY";
      break;
    case CUDA_ERROR_ILLEGAL_ADDRESS:
      *name = "CUDA_ERROR_ILLEGAL_ADDRESS";
      break;
    case CUDA_ERROR_LAUNCH_FAILED:
      *name = "CUDA_ERROR_LAUNCH_FAILED";
      break;
    case CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED:
      *name = "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED";
      break;
    default:
      *name = "CUDA_ERROR";
  }
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult result, const char **text) {
  *text = result == CUDA_SUCCESS ? "no error" : last_error.c_str();
  return CUDA_SUCCESS;
}
}
