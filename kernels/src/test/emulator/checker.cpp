#include "checker.h"

#include "block.h"

namespace emu {

namespace {

constexpr int kWarpgroup = 128;

// A clock learns what another one knows.
void raise(uint32_t *clock, const uint32_t *by, size_t actors) {
  for (size_t i = 0; i < actors; i++) clock[i] = by[i] > clock[i] ? by[i] : clock[i];
}

}  // namespace

int Checker::actors(int threads) { return threads + 1 + (threads + kWarpgroup - 1) / kWarpgroup; }

void Checker::begin_block(bool enabled, int threads, Clocks &clocks, int rank,
                          const Range &dynamic, const Range &static_shared, const Range &image,
                          const DeviceMemory &memory) {
  enabled_ = enabled;
  threads_ = threads;
  clocks_ = &clocks;
  first_ = rank * actors(threads);
  dynamic_ = dynamic;
  static_shared_ = static_shared;
  image_ = image;
  memory_ = &memory;
  if (!enabled) return;
  size_t warpgroups = size_t(threads + kWarpgroup - 1) / kWarpgroup;
  readers_ = size_t(threads + kWarpSize - 1) / kWarpSize + warpgroups;
  size_t bytes = dynamic.bytes() + static_shared.bytes();
  cells_.assign(bytes, Cell{});
  reads_.assign(bytes * readers_, 0);
  fenced_.assign(size_t(threads), 0);
  joined_.assign(clocks.width(), 0);
  ends_after_.assign(clocks.width(), 0);
  for (int thread = 0; thread < threads; thread++) own_step(thread) = 1;
}

long Checker::shared_offset(const char *address) const {
  if (address >= dynamic_.begin && address < dynamic_.begin + Block::kMostShared) {
    return address - dynamic_.begin;
  }
  if (address >= static_shared_.begin && address < static_shared_.end) {
    return (dynamic_.end - dynamic_.begin) + (address - static_shared_.begin);
  }
  return -1;
}

void Checker::access(int thread, const char *address, size_t bytes, bool write, void *pc) {
  const char *place = reinterpret_cast<const char *>(&emu_place);
  if (Range{place, place + sizeof emu_place}.contains(address, 1)) return;
  long offset = shared_offset(address);
  if (offset < 0) {
    if (!image_.contains(address, bytes)) {
      require_waited(write ? "global memory is written" : "global memory is read", pc);
    }
    access_global(address, bytes, write, pc);
  } else if (address >= dynamic_.begin && address < dynamic_.begin + Block::kMostShared &&
             !dynamic_.contains(address, bytes)) {
    fail(kIllegalAddress, "shared memory %s out of bounds: %zu bytes at offset %ld of %zu at %s",
         write ? "write" : "read", bytes, offset, dynamic_.bytes(),
         where(pc).text);
  } else if (write) {
    write_shared(thread, size_t(offset), bytes, pc);
  } else {
    read_shared(thread, size_t(offset), bytes, thread, pc);
  }
}

void Checker::access_global(const char *address, size_t bytes, bool write, void *pc) {
  if (last_ >= touched_.size() || !touched_[last_].allocation.contains(address, bytes)) {
    const Range *range = memory_->find(address, bytes);
    if (range == nullptr) {
      if (image_.contains(address, bytes)) return;  // constants of the kernel
      fail(kIllegalAddress, "global memory %s out of bounds: %zu bytes at %p (%s) at %s",
           write ? "write" : "read", bytes, static_cast<const void *>(address),
           memory_->describe(address, bytes).c_str(), where(pc).text);
    }
    for (last_ = 0; last_ < touched_.size(); last_++) {
      if (touched_[last_].allocation.begin == range->begin) break;
    }
    if (last_ == touched_.size()) touched_.push_back({*range, {}, {}});
  }
  Range &part = write ? touched_[last_].written : touched_[last_].read;
  part.extend({address, address + bytes});
}

void Checker::access_atomic(const char *address, size_t bytes, void *pc) {
  long offset = shared_offset(address);
  if (offset < 0) {
    require_waited("global memory is written", pc);
    access_global(address, bytes, true, pc);
    return;
  }
  for (size_t i = size_t(offset); i < size_t(offset) + bytes; i++) {
    if (!cells_[i].written) {
      fail(kLaunchFailure, "atomic access to uninitialised shared memory, offset %zu at %s", i,
           where(pc).text);
    }
  }
}

// The last write is ordered before an access by the actor.
void Checker::check_order(int actor, size_t offset, const char *what, void *pc) {
  const Cell &cell = cells_[offset];
  if (cell.copying) {
    fail(kLaunchFailure,
         "shared memory race: %s of offset %zu into which an asynchronous copy is on its way at %s",
         what, offset, where(pc).text);
  }
  int by = this->actor(cell.writer);
  if (cell.written && by != actor && !knows(actor, by, cell.step)) {
    char writer[32];
    snprintf(writer, sizeof writer, cell.writer == engine() ? "TMA" : "thread %d", cell.writer);
    fail(kLaunchFailure,
         "shared memory race: %s of offset %zu after an unsynchronised write by %s at %s", what,
         offset, writer, where(pc).text);
  }
}

void Checker::check_written(int thread, size_t offset, void *pc) {
  check_order(actor(thread), offset, "read", pc);
  if (!cells_[offset].written) {
    fail(kLaunchFailure, "read of uninitialised shared memory, offset %zu at %s", offset,
         where(pc).text);
  }
}

// All reads so far are ordered before a write by the actor.
void Checker::check_readers(int actor, size_t offset, const char *what, void *pc) {
  const uint32_t *reads = &reads_[offset * readers_];
  size_t warps = size_t(threads_ + kWarpSize - 1) / kWarpSize;
  for (size_t i = 0; i < readers_; i++) {
    if (reads[i] == 0) continue;
    bool tensor = i >= warps;
    int reader = tensor ? tensor_core(int(i - warps)) : int(i * kWarpSize + reads[i] % kWarpSize);
    int by = this->actor(reader);
    if (by == actor || knows(actor, by, reads[i] / kWarpSize)) continue;
    char name[48];
    snprintf(name, sizeof name, tensor ? "wgmma of warpgroup %d" : "thread %d",
             tensor ? int(i - warps) : reader);
    fail(kLaunchFailure,
         "shared memory race: %s of offset %zu after an unsynchronised read by %s at %s", what,
         offset, name, where(pc).text);
  }
}

void Checker::read_shared(int thread, size_t offset, size_t bytes, int reader, void *pc) {
  bool tensor = reader > threads_;
  size_t warps = size_t(threads_ + kWarpSize - 1) / kWarpSize;
  size_t slot = tensor ? warps + size_t(reader - threads_ - 1) : size_t(reader / kWarpSize);
  uint32_t mark = own_step(reader) * kWarpSize + (tensor ? 0 : uint32_t(reader % kWarpSize));
  for (size_t i = offset; i < offset + bytes; i++) {
    check_written(thread, i, pc);
    reads_[i * readers_ + slot] = mark;
  }
}

void Checker::write_shared(int thread, size_t offset, size_t bytes, void *pc) {
  for (size_t i = offset; i < offset + bytes; i++) {
    check_order(actor(thread), i, "write", pc);
    check_readers(actor(thread), i, "write", pc);
    cells_[i] = {own_step(thread), int16_t(thread), true, false};
  }
}

void Checker::check_tensor_operand(int thread, size_t offset, size_t bytes, void *pc) {
  for (size_t i = offset; i < offset + bytes; i++) {
    check_written(thread, i, pc);
    const Cell &cell = cells_[i];
    if (cell.writer != engine() && fenced_[size_t(cell.writer)] < cell.step) {
      fail(kLaunchFailure,
           "wgmma reads shared memory that thread %d wrote without fence_proxy_async, offset %zu "
           "at %s",
           cell.writer, i, where(pc).text);
    }
  }
}

void Checker::begin_copy(int actor, size_t offset, size_t bytes, void *pc) {
  for (size_t i = offset; i < offset + bytes; i++) {
    check_order(actor, i, "asynchronous write", pc);
    check_readers(actor, i, "asynchronous write", pc);
    cells_[i].copying = true;
  }
}

void Checker::end_copy(int writer, size_t offset, size_t bytes) {
  uint32_t step = own_step(writer);
  for (size_t i = offset; i < offset + bytes; i++) cells_[i] = {step, int16_t(writer), true, false};
}

// ---- clocks ----

void Checker::join(const std::vector<int> &threads) {
  if (!enabled_) return;
  joined_.assign(clocks_->width(), 0);
  for (int thread : threads) raise(joined_.data(), row(thread), joined_.size());
  for (int thread : threads) {
    std::copy(joined_.begin(), joined_.end(), row(thread));
    own_step(thread)++;
  }
}

void Checker::join_lanes(int first_thread, unsigned lanes) {
  if (!enabled_) return;
  std::vector<int> threads;
  for (int lane = 0; lane < kWarpSize; lane++) {
    if (lanes >> lane & 1) threads.push_back(first_thread + lane);
  }
  join(threads);
}

void Checker::release(int thread, Clock &to) {
  if (!enabled_) return;
  to.resize(clocks_->width());
  raise(to.data(), row(thread), to.size());
  own_step(thread)++;
}

void Checker::acquire(int thread, const Clock &from) {
  if (!enabled_ || from.empty()) return;
  raise(row(thread), from.data(), from.size());
}

void Checker::learn(int thread, int of_block, uint32_t step) {
  if (!enabled_) return;
  uint32_t &entry = row(thread)[actor(of_block)];
  if (entry < step) entry = step;
}

void Checker::note(Clock &to, int actor, uint32_t step) {
  to.resize(clocks_->width());
  if (to[size_t(actor)] < step) to[size_t(actor)] = step;
}

int Checker::unfinished() {
  if (!enabled_) return -1;
  for (size_t other = 0; other < ends_after_.size(); other++) {
    if (ends_after_[other] == 0) continue;
    bool known = false;
    for (int thread = 0; thread < threads_ && !known; thread++) {
      known = knows(actor(thread), int(other), ends_after_[other]);
    }
    if (!known) return int(other);
  }
  return -1;
}

void Checker::fence_async_proxy(int thread) {
  if (!enabled_) return;
  fenced_[size_t(thread)] = own_step(thread)++;
}

}  // namespace emu
