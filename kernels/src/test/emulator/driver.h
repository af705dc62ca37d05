// State of the driver's look-alike, and what its calls share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "grid.h"
#include "stream_order.h"

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = void *;

// Results, as cuda.h numbers them.
enum : CUresult {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NOT_INITIALIZED = 3,
  CUDA_ERROR_INVALID_DEVICE = 101,
  CUDA_ERROR_INVALID_IMAGE = 200,
  CUDA_ERROR_INVALID_CONTEXT = 201,
  CUDA_ERROR_INVALID_HANDLE = 400,
  CUDA_ERROR_ILLEGAL_STATE = 401,
  CUDA_ERROR_NOT_FOUND = 500,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_NOT_SUPPORTED = 801,
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
};

struct CUgraph_st {
  std::vector<std::function<CUresult()>> nodes;
  // Whether the last node is a kernel.
  bool ends_with_kernel = false;
};
using CUgraph = CUgraph_st *;
struct CUgraphExec_st {
  std::vector<std::function<CUresult()>> nodes;
};
using CUgraphExec = CUgraphExec_st *;

enum CaptureMode { kCaptureGlobal = 0, kCaptureThreadLocal = 1, kCaptureRelaxed = 2 };

// Streams run their calls when they are made, in the order in which all threads make them. That they
// might run in another one is found out by their lanes.
struct CUstream_st {
  int device;
  std::shared_ptr<emu::Lane> lane;
  CUgraph capture = nullptr;
  // The stream that the capture began on; others join it by waiting for its events.
  CUstream_st *origin = nullptr;
  CaptureMode mode = kCaptureGlobal;
  std::thread::id capturer;
  bool invalidated = false;
  // Whether its last call launched a kernel.
  bool ends_with_kernel = false;
};
using CUstream = CUstream_st *;

struct CUevent_st {
  int device;
  double milliseconds = 0;
  // What was known where it was recorded.
  emu::Progress known;
  bool recorded = false;
  // The stream whose capture it was recorded in.
  CUstream captured_on = nullptr;
};
using CUevent = CUevent_st *;

struct CUmod_st {
  int device;
  emu::Library *library;
};
using CUmodule = CUmod_st *;
struct CUfunc_st {
  int device;
  std::string name;
  const emu::Kernel *kernel;
  const emu::Library *library;
  int most_dynamic_bytes;
};
using CUfunction = CUfunc_st *;

namespace emu {

struct Driver {
  // Every call holds it, launches included.
  std::mutex mutex;
  bool initialised = false;
  // How often the primary context of a device is retained.
  int contexts[kDevices] = {};
  uint64_t seed = 0;
  int capability = 90;
  int version = 12060;
  uint64_t launches = 0;
  // Those that were allowed to begin while the kernel before them runs.
  uint64_t overlapping = 0;
  // Of a thread, by kernel and capability, as the compiler gave them; others are not known.
  std::map<std::pair<std::string, int>, int> registers;
  // What exists, by address.
  std::set<void *> handles;
  // Those that are captured.
  std::vector<CUstream> captures;
  int streams = 0;
  // What threads of the host have waited for, and all there is to wait for. Threads tell each other
  // by means that are not seen here, so that what one has waited for counts for all.
  Progress host;
  Progress issued;
  StreamOrder order;
  // The stream whose call is running.
  Lane *running = nullptr;
};

Driver &driver();

// Registers of a multiprocessor, all of which one block may have.
constexpr int kMostRegisters = 65536;
// Registers of a thread of a kernel; 0 if they are not known.
int registers_of(const std::string &kernel);

// The message of the calling thread's last error.
extern thread_local std::string last_error;
// Keeps a message for cuGetErrorString and returns the result.
CUresult error(CUresult result, const std::string &message);

// The device of the calling thread's context.
int current_device();
inline DeviceMemory &current_memory() { return device_memory(current_device()); }
// SUCCESS if the calling thread may make calls.
CUresult require_context();
// SUCCESS unless a capture forbids the calling thread calls that wait or allocate.
CUresult require_no_capture(const char *call);

template <class T>
T *keep(T *object) {
  driver().handles.insert(object);
  return object;
}
inline bool exists(void *handle) { return driver().handles.count(handle) != 0; }
template <class T>
bool destroy(T *object) {
  if (driver().handles.erase(object) == 0) return false;
  delete object;
  return true;
}

// Starts the next call of a lane.
void begin_call(Lane &lane);
// The running call reads or writes allocated bytes of the device.
CUresult access(const std::string &call, const Range &part, bool write);

// The default stream for null and the two other names that it has.
CUstream resolve(CUstream stream);

// Runs a call now, or adds it to the graph that the stream captures.
CUresult issue(CUstream stream, const char *call, std::function<CUresult()> run);
// The same for the launch of a kernel.
CUresult issue_kernel(CUstream stream, const char *call, std::function<CUresult()> run);

// A call under the lock, on a thread that has a context.
template <class Call>
CUresult locked(Call call) {
  std::lock_guard<std::mutex> lock(driver().mutex);
  CUresult context = require_context();
  return context != CUDA_SUCCESS ? context : call();
}

}  // namespace emu
