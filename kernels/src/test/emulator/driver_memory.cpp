// Look-alike of the CUDA driver: memory, copies and tensor maps.

#include <cstdlib>
#include <cstring>

#include "driver.h"
#include "tensor_map.h"

using namespace emu;

namespace {

CUresult require_allocated(const char *call, CUdeviceptr address, size_t bytes) {
  const void *first = reinterpret_cast<const void *>(address);
  if (bytes == 0 || current_memory().find(first, bytes) != nullptr) return CUDA_SUCCESS;
  return error(CUDA_ERROR_INVALID_VALUE, std::string(call) + ": " + std::to_string(bytes) +
                                             " bytes lie " +
                                             current_memory().describe(first, bytes));
}

char *host(CUdeviceptr address) { return reinterpret_cast<char *>(address); }

// The same, and that the call waits for other streams that use these bytes.
CUresult require_access(const char *call, CUdeviceptr address, size_t bytes, bool write) {
  CUresult result = require_allocated(call, address, bytes);
  if (result != CUDA_SUCCESS || bytes == 0) return result;
  return access(call, {host(address), host(address) + bytes}, write);
}

CUresult to_device(const char *call, CUdeviceptr to, const void *from, size_t bytes) {
  CUresult result = require_access(call, to, bytes, true);
  if (result == CUDA_SUCCESS) memcpy(host(to), from, bytes);
  return result;
}

CUresult to_host(const char *call, void *to, CUdeviceptr from, size_t bytes) {
  CUresult result = require_access(call, from, bytes, false);
  if (result == CUDA_SUCCESS) memcpy(to, host(from), bytes);
  return result;
}

CUresult on_device(const char *call, CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  CUresult result = require_access(call, from, bytes, false);
  if (result == CUDA_SUCCESS) result = require_access(call, to, bytes, true);
  if (result != CUDA_SUCCESS) return result;
  if (bytes > 0 && to < from + bytes && from < to + bytes) {
    return error(CUDA_ERROR_INVALID_VALUE,
                 std::string(call) + ": source and destination overlap, the result is undefined");
  }
  memcpy(host(to), host(from), bytes);
  return CUDA_SUCCESS;
}

template <class T>
CUresult fill(const char *call, CUdeviceptr to, T value, size_t count) {
  if (to % sizeof(T) != 0) {
    return error(CUDA_ERROR_INVALID_VALUE, std::string(call) + ": misaligned address");
  }
  CUresult result = require_access(call, to, count * sizeof(T), true);
  if (result != CUDA_SUCCESS) return result;
  T *first = reinterpret_cast<T *>(to);
  for (size_t i = 0; i < count; i++) first[i] = value;
  return CUDA_SUCCESS;
}

// A call of the default stream that returns when it is done.
template <class Call>
CUresult synchronous(const char *name, Call call) {
  return locked([&] {
    CUresult result = require_no_capture(name);
    if (result != CUDA_SUCCESS) return result;
    Lane &lane = *resolve(nullptr)->lane;
    begin_call(lane);
    result = call();
    driver().host.join(lane.known);
    return result;
  });
}

template <class Call>
CUresult asynchronous(CUstream stream, const char *name, Call call) {
  return locked([&] { return issue(stream, name, call); });
}

}  // namespace

extern "C" {

// ---- allocation ----

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  return synchronous("cuMemAlloc", [&] {
    if (bytes == 0) return error(CUDA_ERROR_INVALID_VALUE, "cuMemAlloc: no bytes asked for");
    void *memory = current_memory().allocate(bytes);
    if (memory == nullptr) {
      return error(CUDA_ERROR_OUT_OF_MEMORY,
                   "out of memory: " + std::to_string(bytes) + " bytes asked for, " +
                       std::to_string(current_memory().free_bytes()) + " free");
    }
    *address = reinterpret_cast<CUdeviceptr>(memory);
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuMemFree_v2(CUdeviceptr address) {
  return synchronous("cuMemFree", [&] {
    if (address == 0) return CUresult(CUDA_SUCCESS);
    if (current_memory().release(host(address))) {
      driver().order.forget(host(address));
      return CUresult(CUDA_SUCCESS);
    }
    return error(CUDA_ERROR_INVALID_VALUE,
                 "cuMemFree: not the address of an allocation, but " +
                     current_memory().describe(host(address), 1));
  });
}
CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total_bytes) {
  return locked([&] {
    *free_bytes = current_memory().free_bytes();
    *total_bytes = current_memory().total();
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  return synchronous("cuMemHostAlloc", [&] {
    *address = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    return keep(*address) != nullptr
               ? CUresult(CUDA_SUCCESS)
               : error(CUDA_ERROR_OUT_OF_MEMORY, "cuMemHostAlloc: no host memory");
  });
}
CUresult cuMemAllocHost_v2(void **address, size_t bytes) {
  return cuMemHostAlloc(address, bytes, 0);
}
CUresult cuMemFreeHost(void *address) {
  return synchronous("cuMemFreeHost", [&] {
    if (driver().handles.erase(address) == 0) {
      return error(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost: not pinned memory");
    }
    free(address);
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *address, void *pinned, unsigned) {
  return locked([&] {
    if (!exists(pinned)) return error(CUDA_ERROR_INVALID_VALUE, "not pinned memory");
    *address = reinterpret_cast<CUdeviceptr>(pinned);
    return CUresult(CUDA_SUCCESS);
  });
}

// ---- copies ----

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes) {
  return synchronous("cuMemcpyHtoD", [&] { return to_device("cuMemcpyHtoD", to, from, bytes); });
}
CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes) {
  return synchronous("cuMemcpyDtoH", [&] { return to_host("cuMemcpyDtoH", to, from, bytes); });
}
CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return synchronous("cuMemcpyDtoD", [&] { return on_device("cuMemcpyDtoD", to, from, bytes); });
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  return asynchronous(stream, "cuMemcpyHtoDAsync",
                      [=] { return to_device("cuMemcpyHtoDAsync", to, from, bytes); });
}
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return asynchronous(stream, "cuMemcpyDtoHAsync",
                      [=] { return to_host("cuMemcpyDtoHAsync", to, from, bytes); });
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return asynchronous(stream, "cuMemcpyDtoDAsync",
                      [=] { return on_device("cuMemcpyDtoDAsync", to, from, bytes); });
}
CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
  return synchronous("cuMemsetD8", [&] { return fill("cuMemsetD8", to, value, count); });
}
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) {
  return synchronous("cuMemsetD32", [&] { return fill("cuMemsetD32", to, value, count); });
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return asynchronous(stream, "cuMemsetD8Async",
                      [=] { return fill("cuMemsetD8Async", to, value, count); });
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) {
  return asynchronous(stream, "cuMemsetD32Async",
                      [=] { return fill("cuMemsetD32Async", to, value, count); });
}

// A library's call on a stream reads or writes memory.
CUresult emu_library_access(CUstream stream, const char *call, CUdeviceptr address, size_t bytes,
                            int write) {
  return asynchronous(stream, call,
                      [=] { return require_access(call, address, bytes, write != 0); });
}

// ---- tensor maps ----

// Bytes or 16-bit elements on two to four axes, with the limits that the driver checks.
CUresult cuTensorMapEncodeTiled(void *map, int type, unsigned axes, void *base,
                                const uint64_t *extents, const uint64_t *strides,
                                const uint32_t *box, const uint32_t *element_strides,
                                int interleave, int swizzle, int, int fill_with_nan) {
  constexpr int kUint8 = 0;
  constexpr int kFloat16 = 6;
  constexpr int kBfloat16 = 9;
  constexpr uint32_t kMostSteps = 8;
  auto reject = [](const char *reason) {
    return error(CUDA_ERROR_INVALID_VALUE, std::string("cuTensorMapEncodeTiled: ") + reason);
  };
  if (reinterpret_cast<uintptr_t>(map) % 64 != 0) return reject("map not 64-byte aligned");
  if (type != kUint8 && type != kFloat16 && type != kBfloat16) {
    return reject("neither bytes nor a 16-bit floating-point type");
  }
  if (axes < 2 || axes > TensorMapFields::kMostAxes) return reject("not two to four axes");
  if (reinterpret_cast<uintptr_t>(base) % 16 != 0) return reject("address not 16-byte aligned");
  if (interleave != 0 || fill_with_nan != 0) {
    return reject("interleaving and filling with NaN are not emulated");
  }
  if (swizzle != TensorMapFields::kNone && swizzle != TensorMapFields::k128Bytes) {
    return reject("swizzle is neither none nor 128 bytes");
  }
  TensorMapFields fields{};
  fields.magic = TensorMapFields::kMagic;
  fields.axes = uint16_t(axes);
  fields.swizzle = uint16_t(swizzle);
  fields.element_bytes = type == kUint8 ? 1 : 2;
  fields.base = static_cast<const char *>(base);
  for (unsigned i = 0; i < axes; i++) {
    if (extents[i] == 0 || extents[i] > uint64_t(1) << 32) return reject("extent not in 1..2^32");
    uint32_t steps = element_strides[i];
    if (steps == 0 || steps > kMostSteps) return reject("element stride not in 1..8");
    if (box[i] == 0 || box[i] > 256) return reject("box not in 1..256");
    fields.extents[i] = extents[i];
    fields.steps[i] = steps;
    fields.box[i] = (box[i] + steps - 1) / steps;
    if (i == 0) {
      // Without interleaving the driver takes it for 1.
      if (steps != 1) return reject("element stride of the fastest axis is not 1");
      continue;
    }
    uint64_t stride = strides[i - 1];
    if (stride % 16 != 0 || stride >= uint64_t(1) << 40) {
      return reject("stride is not a multiple of 16 below 2^40");
    }
    fields.strides[i - 1] = stride;
  }
  uint32_t row_bytes = box[0] * fields.element_bytes;
  if (row_bytes % 16 != 0) return reject("row of a box is not a multiple of 16 bytes");
  if (swizzle == TensorMapFields::k128Bytes && row_bytes > 128) {
    return reject("row of a box is longer than the swizzle");
  }
  memset(map, 0, 128);
  memcpy(map, &fields, sizeof fields);
  return CUDA_SUCCESS;
}
}
