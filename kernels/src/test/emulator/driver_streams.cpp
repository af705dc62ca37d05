// Look-alike of the CUDA driver: streams, events, and graphs by stream capture.

#include <algorithm>
#include <chrono>
#include <memory>

#include "driver.h"

using namespace emu;

namespace emu {

namespace {

CUstream new_stream(int device, std::shared_ptr<Lane> lane) {
  CUstream stream = new CUstream_st;
  stream->device = device;
  stream->lane = std::move(lane);
  return stream;
}

std::shared_ptr<Lane> new_lane() {
  auto lane = std::make_shared<Lane>();
  lane->number = driver().streams++;
  return lane;
}

// One for each device.
CUstream default_stream(int device) {
  static CUstream streams[kDevices];
  if (streams[device] == nullptr) streams[device] = new_stream(device, new_lane());
  return streams[device];
}

}  // namespace

CUstream resolve(CUstream stream) {
  // CU_STREAM_LEGACY and CU_STREAM_PER_THREAD are 1 and 2.
  return reinterpret_cast<uintptr_t>(stream) <= 2 ? default_stream(current_device()) : stream;
}

void begin_call(Lane &lane) {
  lane.known.join(driver().host);
  lane.known.join(lane.number, ++lane.calls);
  driver().issued.join(lane.number, lane.calls);
  driver().running = &lane;
}

CUresult access(const std::string &call, const Range &part, bool write) {
  const Range &allocation = *current_memory().find(part.begin, part.bytes());
  std::string complaint =
      driver().order.access(*driver().running, call, allocation, part, write);
  return complaint.empty() ? CUresult(CUDA_SUCCESS) : error(CUDA_ERROR_LAUNCH_FAILED, complaint);
}

CUresult require_no_capture(const char *call) {
  for (CUstream stream : driver().captures) {
    bool mine = stream->capturer == std::this_thread::get_id();
    if (stream->mode == kCaptureRelaxed || (stream->mode == kCaptureThreadLocal && !mine)) continue;
    stream->origin->invalidated = true;
    return error(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                 std::string(call) + ": not permitted while a stream is captured");
  }
  return CUDA_SUCCESS;
}

namespace {

CUresult issue(CUstream stream, const char *call, bool is_kernel,
               std::function<CUresult()> run) {
  stream = resolve(stream);
  if (stream != resolve(nullptr) && !exists(stream)) {
    return error(CUDA_ERROR_INVALID_HANDLE, std::string(call) + ": no such stream");
  }
  if (stream->device != current_device()) {
    return error(CUDA_ERROR_INVALID_HANDLE,
                 std::string(call) + ": the stream is of device " + std::to_string(stream->device) +
                     ", the context of device " + std::to_string(current_device()));
  }
  if (stream->capture == nullptr) {
    begin_call(*stream->lane);
    stream->ends_with_kernel = is_kernel;
    return run();
  }
  if (stream->origin->invalidated) {
    return error(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, std::string(call) + ": capture has failed");
  }
  stream->capture->nodes.push_back(std::move(run));
  stream->capture->ends_with_kernel = is_kernel;
  return CUDA_SUCCESS;
}

// An event lies between the kernel before it and the one behind it.
void put_event(CUstream stream) {
  (stream->capture != nullptr ? stream->capture->ends_with_kernel : stream->ends_with_kernel) =
      false;
}

}  // namespace

CUresult issue(CUstream stream, const char *call, std::function<CUresult()> run) {
  return issue(stream, call, false, std::move(run));
}
CUresult issue_kernel(CUstream stream, const char *call, std::function<CUresult()> run) {
  return issue(stream, call, true, std::move(run));
}

namespace {

double now() {
  auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(time).count();
}

CUresult success_if(bool condition, CUresult otherwise, const char *message) {
  return condition ? CUresult(CUDA_SUCCESS) : error(otherwise, message);
}

// Waiting for a captured stream breaks the capture, whatever its mode.
CUresult wait_for(CUstream stream, const char *call) {
  stream = resolve(stream);
  if (stream->capture != nullptr) {
    stream->origin->invalidated = true;
    return error(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                 std::string(call) + ": the stream is captured");
  }
  driver().host.join(stream->lane->known);
  return CUDA_SUCCESS;
}

}  // namespace
}  // namespace emu

extern "C" {

// ---- streams ----

// The default stream waits for those that are not made with CU_STREAM_NON_BLOCKING, and they for it.
CUresult cuStreamCreate(CUstream *stream, unsigned flags) {
  constexpr unsigned kNonBlocking = 1;
  return locked([&] {
    auto lane = flags & kNonBlocking ? new_lane() : resolve(nullptr)->lane;
    *stream = keep(new_stream(current_device(), std::move(lane)));
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  return locked([&] {
    return success_if(destroy(stream), CUDA_ERROR_INVALID_HANDLE,
                      "cuStreamDestroy: no such stream");
  });
}
CUresult cuStreamSynchronize(CUstream stream) {
  return locked([&] { return wait_for(stream, "cuStreamSynchronize"); });
}
CUresult cuStreamQuery(CUstream stream) {
  return locked([&] { return wait_for(stream, "cuStreamQuery"); });
}
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  return locked([&] {
    if (!exists(event)) return error(CUDA_ERROR_INVALID_HANDLE, "cuStreamWaitEvent: no such event");
    stream = resolve(stream);
    put_event(stream);
    if (stream->capture == nullptr) stream->lane->known.join(event->known);
    CUstream source = event->captured_on;
    if (source != nullptr && source->capture != nullptr && stream->capture == nullptr) {
      stream->capture = source->capture;
      stream->origin = source->origin;
      stream->mode = source->mode;
      stream->capturer = source->capturer;
      driver().captures.push_back(stream);
    }
    return CUresult(CUDA_SUCCESS);
  });
}

// ---- events ----

CUresult cuEventCreate(CUevent *event, unsigned) {
  return locked([&] {
    *event = keep(new CUevent_st);
    (*event)->device = current_device();
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuEventDestroy_v2(CUevent event) {
  return locked([&] {
    return success_if(destroy(event), CUDA_ERROR_INVALID_HANDLE, "cuEventDestroy: no such event");
  });
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  return locked([&] {
    if (!exists(event)) return error(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord: no such event");
    stream = resolve(stream);
    if (event->device != stream->device) {
      return error(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord: a stream of another device");
    }
    put_event(stream);
    event->known = stream->lane->known;
    event->captured_on = stream->capture != nullptr ? stream : nullptr;
    event->recorded = stream->capture == nullptr;
    event->milliseconds = now();
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuEventSynchronize(CUevent event) {
  return locked([&] {
    if (!exists(event)) {
      return error(CUDA_ERROR_INVALID_HANDLE, "cuEventSynchronize: no such event");
    }
    driver().host.join(event->known);
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuEventQuery(CUevent event) { return cuEventSynchronize(event); }
CUresult cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to) {
  return locked([&] {
    if (!exists(from) || !exists(to) || !from->recorded || !to->recorded) {
      return error(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: an event was not recorded");
    }
    *milliseconds = float(to->milliseconds - from->milliseconds);
    return CUresult(CUDA_SUCCESS);
  });
}

// ---- graphs ----

CUresult cuStreamBeginCapture_v2(CUstream stream, int mode) {
  return locked([&] {
    if (!exists(stream)) {
      return error(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                   "cuStreamBeginCapture: the default stream cannot be captured");
    }
    if (stream->capture != nullptr) {
      return error(CUDA_ERROR_ILLEGAL_STATE, "cuStreamBeginCapture: already captured");
    }
    stream->capture = keep(new CUgraph_st);
    stream->origin = stream;
    stream->mode = CaptureMode(mode);
    stream->capturer = std::this_thread::get_id();
    stream->invalidated = false;
    driver().captures.push_back(stream);
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
  return locked([&] {
    *graph = nullptr;
    if (!exists(stream) || stream->capture == nullptr || stream->origin != stream) {
      return error(CUDA_ERROR_ILLEGAL_STATE, "cuStreamEndCapture: no capture began here");
    }
    CUgraph captured = stream->capture;
    auto &captures = driver().captures;
    for (CUstream member : captures) {
      if (member->origin == stream) member->capture = nullptr;
    }
    captures.erase(std::remove_if(captures.begin(), captures.end(),
                                  [](CUstream member) { return member->capture == nullptr; }),
                   captures.end());
    if (stream->invalidated) {
      destroy(captured);
      return error(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
                   "cuStreamEndCapture: a call that is not permitted ended the capture");
    }
    *graph = captured;
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuStreamIsCapturing(CUstream stream, int *status) {
  return locked([&] {
    stream = resolve(stream);
    *status = stream->capture == nullptr ? 0 : stream->origin->invalidated ? 2 : 1;
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long) {
  return locked([&] {
    if (!exists(graph)) {
      return error(CUDA_ERROR_INVALID_HANDLE, "cuGraphInstantiate: no such graph");
    }
    *executable = keep(new CUgraphExec_st{graph->nodes});
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  return locked([&] {
    if (!exists(executable)) {
      return error(CUDA_ERROR_INVALID_HANDLE, "cuGraphLaunch: no such executable graph");
    }
    auto nodes = executable->nodes;
    return issue(stream, "cuGraphLaunch", [nodes] {
      for (const auto &node : nodes) {
        CUresult result = node();
        if (result != CUDA_SUCCESS) return result;
      }
      return CUresult(CUDA_SUCCESS);
    });
  });
}
CUresult cuGraphGetNodes(CUgraph graph, void **, size_t *count) {
  return locked([&] {
    if (!exists(graph)) return error(CUDA_ERROR_INVALID_HANDLE, "cuGraphGetNodes: no such graph");
    *count = graph->nodes.size();
    return CUresult(CUDA_SUCCESS);
  });
}
CUresult cuGraphDestroy(CUgraph graph) {
  return locked([&] {
    return success_if(destroy(graph), CUDA_ERROR_INVALID_HANDLE, "cuGraphDestroy: no such graph");
  });
}
CUresult cuGraphExecDestroy(CUgraphExec executable) {
  return locked([&] {
    return success_if(destroy(executable), CUDA_ERROR_INVALID_HANDLE,
                      "cuGraphExecDestroy: no such executable graph");
  });
}
}
