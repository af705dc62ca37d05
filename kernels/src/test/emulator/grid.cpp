#include "grid.h"

#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace emu {

// ---- libraries ----

namespace {

struct Search {
  ElfW(Addr) base;
  Library *library;
};

int read_segments(dl_phdr_info *info, size_t, void *data) {
  Search &search = *static_cast<Search *>(data);
  if (info->dlpi_addr != search.base) return 0;
  Range &image = search.library->image;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) &segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_TLS) search.library->static_bytes = segment.p_memsz;
    if (segment.p_type != PT_LOAD) continue;
    const char *begin = reinterpret_cast<const char *>(info->dlpi_addr + segment.p_vaddr);
    const char *end = begin + segment.p_memsz;
    if (image.begin == nullptr || begin < image.begin) image.begin = begin;
    if (end > image.end) image.end = end;
  }
  return 1;
}

}  // namespace

Library *open_library(const char *path, std::string *error) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    *error = dlerror();
    return nullptr;
  }
  link_map *map = nullptr;
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  Library *library = new Library{handle, {nullptr, nullptr}, 0};
  Search search{map->l_addr, library};
  dl_iterate_phdr(read_segments, &search);
  return library;
}

Range static_shared_of(const Launch &launch) {
  launch.kernel->touch_shared();
  void *begin = nullptr;
  dlinfo(launch.library->handle, RTLD_DI_TLS_DATA, &begin);
  const char *first = static_cast<const char *>(begin);
  return {first, first + launch.library->static_bytes};
}

Range image_of(const Launch &launch) { return launch.library->image; }

// ---- grids ----

namespace {

// Clusters of one launch, handed out one by one to the threads that run them.
struct Work {
  const Launch *launch;
  uint64_t clusters;
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  uint64_t first_failure = UINT64_MAX;
  Outcome outcome{kLaunchFailure, "", {}};

  void run() {
    // A pointer, because there is little room for thread-local variables of libraries that are
    // loaded late.
    static thread_local auto owner = std::make_unique<Cluster>();
    Cluster &state = *owner;
    state.begin_launch(*launch);
    uint64_t number;
    while ((number = next++) < clusters) {
      const uint3 &grid = launch->grid;
      uint64_t block = number * uint64_t(state.size);
      uint3 first = {unsigned(block % grid.x), unsigned(block / grid.x % grid.y),
                     unsigned(block / (uint64_t(grid.x) * grid.y))};
      state.run(*launch, first, number);
      if (!state.error.empty()) fail_at(number, state);
    }
    for (int i = 0; i < state.size; i++) {
      add_touched(state.blocks[size_t(i)]->checker.touched());
    }
  }

  void add_touched(const std::vector<Touched> &touched) {
    std::lock_guard<std::mutex> lock(mutex);
    outcome.touched.insert(outcome.touched.end(), touched.begin(), touched.end());
  }

  // Of several that fail the first one counts, so that messages do not depend on timing.
  void fail_at(uint64_t number, const Cluster &state) {
    std::lock_guard<std::mutex> lock(mutex);
    next = clusters;
    if (number >= first_failure) return;
    first_failure = number;
    outcome.fault = state.fault;
    outcome.error = state.error;
  }
};

// Threads that help the one that launches. They live as long as the process.
class Helpers {
 public:
  Helpers() {
    unsigned helpers = std::thread::hardware_concurrency() - 1;
    for (unsigned i = 0; i < helpers && i < kMostHelpers; i++) {
      std::thread([this] { serve(); }).detach();
    }
  }

  void run(Work &work) {
    bool help = work.clusters > 1;
    if (help) {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      turn_++;
      start_.notify_all();
    }
    work.run();
    if (help) {
      std::unique_lock<std::mutex> lock(mutex_);
      // Those that have not even woken up are not waited for.
      work_ = nullptr;
      end_.wait(lock, [this] { return busy_ == 0; });
    }
  }

 private:
  static constexpr unsigned kMostHelpers = 7;

  [[noreturn]] void serve() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      start_.wait(lock, [&] { return work_ != nullptr && turn_ != seen; });
      seen = turn_;
      busy_++;
      Work *work = work_;
      lock.unlock();
      work->run();
      lock.lock();
      if (--busy_ == 0) end_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable end_;
  Work *work_ = nullptr;
  uint64_t turn_ = 0;
  unsigned busy_ = 0;
};

}  // namespace

Outcome run_grid(const Launch &launch) {
  static Helpers *helpers = new Helpers;
  Work work;
  work.launch = &launch;
  work.clusters = uint64_t(launch.grid.x) * launch.grid.y * launch.grid.z /
                  uint64_t(launch.cluster_blocks);
  helpers->run(work);
  if (work.outcome.error.empty() && !launch.kernel->checked) {
    std::string damage = device_memory(launch.device).find_damage();
    if (!damage.empty()) {
      work.outcome.fault = kIllegalAddress;
      work.outcome.error = "global memory out of bounds: " + damage;
    }
  }
  return work.outcome;
}

}  // namespace emu
