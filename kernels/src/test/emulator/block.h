// The state of thread blocks while they run: a fiber for each CUDA thread, on one CPU thread for a
// block or a cluster of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checker.h"
#include "cuda_emulated.h"
#include "hopper_state.h"

namespace emu {

struct CopyAsync {
  char *to;
  const char *from;
  int bytes;
  int source_bytes;
  int group;
  bool landed;
};

struct Fiber {
  void *stack_pointer;
  char *stack;
  uint3 thread;
  int id;
  // Where it waits, for the message about a deadlock.
  void *waits_at;
  int groups;
  int registers;
  // Whether it has waited for the kernel before this one.
  bool has_waited;
  std::vector<CopyAsync> copies;
  ProductQueue products;
};

// Lanes that meet at a collective: those of one mask.
struct Meeting {
  unsigned mask;
  unsigned arrived;
  Op op;
  void *place;
  unsigned generation;
  void (*finish)(unsigned char *);
  // Results are read while the next meeting fills the other buffer.
  alignas(64) unsigned char slots[2][kWarpSize * kSlotBytes];
};

struct Warp {
  unsigned ready;
  unsigned exited;
  // Half warps and other parts may meet on their own; more parts than this are unheard of.
  static constexpr int kMostMeetings = 8;
  int meetings;
  Meeting meeting[kMostMeetings];
};

struct Barrier {
  int count;
  int arrived;
  std::vector<int> waiting;
  // Where each warp has arrived.
  std::vector<void *> places;
  Clock clock;
};

struct Library;

struct Launch {
  int device;
  const char *name;
  const Kernel *kernel;
  const Library *library;
  uint3 grid;
  uint3 block;
  size_t dynamic_bytes;
  // Blocks of a cluster, neighbours along x.
  int cluster_blocks;
  // Of a thread.
  int registers;
  void **parameters;
  // 0 runs threads in order.
  uint64_t seed;
  // Compute capability times ten.
  int capability;
  // Whether the kernel may be started while the one before it runs. Whether it is depends on what is
  // launched before it: all are held to it.
  bool may_overlap() const { return capability >= 90; }
};

// Static shared memory of a kernel's library on the calling thread.
Range static_shared_of(const Launch &launch);
// Where the library lies in memory, its constants among the rest.
Range image_of(const Launch &launch);

struct Cluster;

struct Block {
  static constexpr int kBarriers = 16;
  static constexpr size_t kMostShared = size_t(256) << 10;
  // Where dynamic shared memory begins for the instructions: on a GPU the system has the first KB.
  static constexpr uint32_t kSharedBase = 1024;
  static constexpr size_t kStackBytes = size_t(144) << 10;
  // Stacks begin at so many different distances from a page, or the same variables of all threads
  // would have the same few places in the CPU's caches.
  static constexpr size_t kStackColours = 64;
  static constexpr size_t kColourBytes = 192;

  const Launch *launch = nullptr;
  Cluster *cluster = nullptr;
  // In the cluster.
  int rank = 0;
  uint3 index{};
  int threads = 0;
  int alive = 0;
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  Barrier barriers[kBarriers];
  Fiber *current = nullptr;
  int current_warp = 0;
  unsigned ready_warps = 0;
  uint64_t random_state = 1;

  char *dynamic = nullptr;
  Range static_shared{};
  Checker checker;
  HopperState hopper;

  Block() = default;
  Block(const Block &) = delete;
  ~Block();

  // Makes all threads ready to begin.
  void prepare(uint64_t number);
  uint64_t random();
  bool in_random_order() const { return launch->seed != 0; }
  void make_ready(int id);
  void make_ready(int warp, unsigned lanes);
  // A thread that goes on now; null if all wait.
  Fiber *pick();
  // Runs others until this fiber is made ready again.
  void wait(void *pc);
  void thread_ended();

 private:
  void prepare_fiber(int id);
};

// The block that the calling CPU thread runs, one of a cluster.
extern __thread Block *block __attribute__((tls_model("initial-exec")));

// Blocks that run by turns, each with shared memory of its own: those of a cluster, or one.
struct Cluster {
  std::vector<std::unique_ptr<Block>> blocks;
  // Of these, so many run.
  int size = 0;
  Clocks clocks;
  void *launcher_stack_pointer = nullptr;

  // Threads at the barrier of the cluster, and the mbarriers that those had initialised that came last
  // time.
  struct Waiting {
    Block *block;
    int thread;
  };
  std::vector<Waiting> waiting;
  Clock arriving;
  Clock completed;

  Fault fault = kLaunchFailure;
  std::string error;

  // Has blocks for a launch.
  void begin_launch(const Launch &launch);
  // Runs its blocks, the first of which has this index, to their end, or to the first error.
  void run(const Launch &launch, uint3 first, uint64_t number);
  // Goes on with a thread of any block; null if there is none that can.
  Fiber *next();
  void resume(Fiber *fiber, void **save);
  int alive() const;
  std::string describe_deadlock() const;

 private:
  int turn = 0;

  Fiber *pick();
  bool land_copy();
};

// What has to happen with barriers and meetings when a thread ends.
void thread_left_barriers(Block &b);
void thread_left_warp(Block &b, int id);
void thread_left_cluster(Cluster &cluster);

// Ends the launch unless the running thread may use memory of the device.
void require_waited(const char *what, void *pc);

// Lets the asynchronous copies of a fiber arrive whose group is older.
void finish_copies(Fiber &fiber, int before_group);

}  // namespace emu
