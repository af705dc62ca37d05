// Finds wrong memory accesses of kernels: outside of what was allocated, reads of shared memory
// that nobody wrote, and accesses of shared memory that no barrier puts in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device_memory.h"

namespace emu {

// How many steps of each actor someone knows to be done. Actors of a block are its threads (0 to
// threads - 1), the copy engine of TMA (threads) and the tensor core of each warpgroup (from
// threads + 1 on); those of the next block of a cluster follow. A write is ordered before an access
// if the accessing actor knows its step.
using Clock = std::vector<uint32_t>;

// The clocks of all actors of a cluster. What they know of themselves is their own step.
class Clocks {
 public:
  void begin(int actors) {
    width_ = size_t(actors);
    known_.assign(width_ * width_, 0);
  }
  size_t width() const { return width_; }
  uint32_t *of(int actor) { return &known_[size_t(actor) * width_]; }

 private:
  size_t width_ = 0;
  std::vector<uint32_t> known_;
};

// What a launch reads and writes of an allocation: from the first such byte to the last.
struct Touched {
  Range allocation;
  Range read;
  Range written;
};

class Checker {
 public:
  bool enabled() const { return enabled_; }
  void begin_launch() { touched_.clear(); }
  // The block of this rank in a cluster, whose clocks have begun.
  void begin_block(bool enabled, int threads, Clocks &clocks, int rank, const Range &dynamic,
                   const Range &static_shared, const Range &image, const DeviceMemory &memory);
  // Actors of a block of so many threads.
  static int actors(int threads);

  // Threads, readers and writers are numbered within the block, actors within the cluster.
  int actor(int of_block) const { return first_ + of_block; }

  // An access by a thread to memory other than its stack. Ends the launch if it is wrong.
  void access(int thread, const char *address, size_t bytes, bool write, void *pc);
  void access_atomic(const char *address, size_t bytes, void *pc);
  void access_global(const char *address, size_t bytes, bool write, void *pc);
  void write_shared(int thread, size_t offset, size_t bytes, void *pc);
  // A read that is ordered by what a thread knows; noted down for the reader.
  void read_shared(int thread, size_t offset, size_t bytes, int reader, void *pc);
  // Whether what wgmma is about to read has arrived and is visible to it.
  void check_tensor_operand(int thread, size_t offset, size_t bytes, void *pc);

  // Bytes that a copy will overwrite: nobody may touch them until it has arrived. The actor that
  // starts it may belong to another block.
  void begin_copy(int actor, size_t offset, size_t bytes, void *pc);
  // They have arrived: by cp.async of a thread that has waited for them, or by the copy engine.
  void end_copy(int writer, size_t offset, size_t bytes);

  // What the blocks that ran here since begin_launch have touched.
  const std::vector<Touched> &touched() const { return touched_; }

  // Offset in shared memory, static behind dynamic; -1 for other addresses.
  long shared_offset(const char *address) const;

  int engine() const { return threads_; }
  int tensor_core(int warpgroup) const { return threads_ + 1 + warpgroup; }
  // These threads know from now on what any of them knew.
  void join(const std::vector<int> &threads);
  void join_lanes(int first_thread, unsigned lanes);
  // Adds what a thread knows to a clock, and starts its next step.
  void release(int thread, Clock &to);
  // Adds a clock to what a thread knows.
  void acquire(int thread, const Clock &from);
  // Starts the next step of the copy engine or a tensor core; its number.
  uint32_t begin_step(int of_block) { return ++step(actor(of_block)); }
  void learn(int thread, int of_block, uint32_t step);
  // Adds a step of an actor to a clock.
  void note(Clock &to, int actor, uint32_t step);
  bool knows(int actor, int other, uint32_t step) { return clocks_->of(actor)[other] >= step; }
  uint32_t &step(int actor) { return clocks_->of(actor)[actor]; }
  // What an actor does in its present step has to be done before the block ends.
  void ends_after(int actor) { note(ends_after_, actor, step(actor)); }
  // An actor of which no thread of the block knows that this is done; -1 if there is none.
  int unfinished();
  // Makes the writes of a thread so far visible to wgmma and TMA.
  void fence_async_proxy(int thread);

 private:
  struct Cell {
    uint32_t step;
    int16_t writer;
    bool written;
    bool copying;
  };

  uint32_t *row(int thread) { return clocks_->of(actor(thread)); }
  uint32_t &own_step(int of_block) { return step(actor(of_block)); }
  void check_written(int thread, size_t offset, void *pc);
  void check_order(int actor, size_t offset, const char *what, void *pc);
  void check_readers(int actor, size_t offset, const char *what, void *pc);

  bool enabled_ = false;
  int threads_ = 0;
  // Its first actor in the cluster.
  int first_ = 0;
  size_t readers_ = 0;
  Range dynamic_{};
  Range static_shared_{};
  Range image_{};
  const DeviceMemory *memory_ = nullptr;
  std::vector<Touched> touched_;
  // The allocation of the last access, as an index of touched_.
  size_t last_ = 0;
  std::vector<Cell> cells_;
  // The latest read of each byte by each warp and tensor core: step * 32 + lane.
  std::vector<uint32_t> reads_;
  Clocks *clocks_ = nullptr;
  Clock ends_after_;
  // Step of each thread up to which its writes are visible to wgmma and TMA.
  std::vector<uint32_t> fenced_;
  Clock joined_;
};

}  // namespace emu
