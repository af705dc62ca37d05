// Runs the threads of blocks in turns: in order for seed 0, else in an order drawn from the seed.

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "block.h"

__thread EmuPlace emu_place;

// Saves the registers that a call preserves (System V, x86-64) and goes on where another fiber
// stopped.
extern "C" void emu_switch(void **save_stack_pointer, void *stack_pointer);
asm(R"(.text
.globl emu_switch
.type emu_switch,@function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace emu {

__thread Block *block;

namespace {

constexpr int kSavedRegisters = 6;

void fiber_main() {
  block->launch->kernel->run(block->launch->parameters);
  block->thread_ended();
}

// Leaves the blocks for good.
[[noreturn]] void end_cluster(Cluster &cluster) {
  void *dropped;
  emu_switch(&dropped, cluster.launcher_stack_pointer);
  __builtin_unreachable();
}

}  // namespace

void *dynamic_shared() { return block->dynamic; }

void wait_for_previous_kernel() { block->current->has_waited = true; }

void require_waited(const char *what, void *pc) {
  if (block->current->has_waited) return;
  fail(kLaunchFailure, "%s: %s before wait_for_previous_kernel at %s", block->launch->name, what,
       where(pc).text);
}

Location where(void *pc) {
  Location location{"?"};
  Dl_info info;
  if (pc == nullptr || dladdr(pc, &info) == 0) return location;
  char command[512];
  // One byte before the return address lies the call.
  snprintf(command, sizeof command, "addr2line -i -s -e '%s' 0x%zx 2>/dev/null", info.dli_fname,
           size_t(static_cast<char *>(pc) - static_cast<char *>(info.dli_fbase)) - 1);
  FILE *lines = popen(command, "r");
  if (lines == nullptr) return location;
  // Inlined functions first: tile.cuh:90 in Matmul.cu:33
  std::string text;
  char line[128];
  while (fgets(line, sizeof line, lines) != nullptr) {
    // The compiler's copies of a line are one place.
    if (char *copy = strstr(line, " (discriminator")) *copy = '\0';
    if (!text.empty()) text += " in ";
    text += line;
    while (!text.empty() && text.back() == '\n') text.pop_back();
  }
  pclose(lines);
  snprintf(location.text, sizeof location.text, "%s", text.c_str());
  return location;
}

bool same_place(void *one, void *other) {
  static std::mutex *mutex = new std::mutex;
  static auto *known = new std::map<std::pair<void *, void *>, bool>;
  if (one == other) return true;
  std::lock_guard<std::mutex> lock(*mutex);
  auto entry = known->find(std::minmax(one, other));
  if (entry == known->end()) {
    bool same = strcmp(where(one).text, where(other).text) == 0;
    entry = known->emplace(std::minmax(one, other), same).first;
  }
  return entry->second;
}

void fail(Fault fault, const char *format, ...) {
  char message[768];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  char thread[128];
  snprintf(thread, sizeof thread, " [block %u,%u,%u thread %u,%u,%u]", blockIdx.x, blockIdx.y,
           blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z);
  block->cluster->fault = fault;
  block->cluster->error = std::string(message) + thread;
  end_cluster(*block->cluster);
}

// ---- order ----

uint64_t Block::random() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

void Block::make_ready(int warp, unsigned lanes) {
  warps[size_t(warp)].ready |= lanes;
  ready_warps |= 1u << warp;
}

void Block::make_ready(int id) { make_ready(id / kWarpSize, 1u << id % kWarpSize); }

namespace {

// The number of a bit that is set: the first one from position start on, cyclically.
int next_bit(unsigned bits, unsigned start) {
  unsigned later = bits & (~0u << start);
  return __builtin_ctz(later != 0 ? later : bits);
}

}  // namespace

Fiber *Block::pick() {
  if (ready_warps == 0) return nullptr;
  unsigned first_lane = 0;
  if (in_random_order()) {
    uint64_t dice = random();
    // Mostly the same warp goes on, so that some warps run far ahead of others.
    if (dice % 16 == 0) current_warp = next_bit(ready_warps, dice >> 8 & 31);
    first_lane = dice >> 16 & 31;
  }
  current_warp = next_bit(ready_warps, unsigned(current_warp));
  Warp &warp = warps[size_t(current_warp)];
  int lane = next_bit(warp.ready, first_lane);
  warp.ready &= ~(1u << lane);
  if (warp.ready == 0) ready_warps &= ~(1u << current_warp);
  return &fibers[size_t(current_warp * kWarpSize + lane)];
}

Fiber *Cluster::pick() {
  Block &first = *blocks.front();
  // Mostly the same block goes on, so that one runs far ahead of another.
  if (size > 1 && first.in_random_order() && first.random() % 64 == 0) {
    turn = int(first.random() % unsigned(size));
  }
  for (int i = 0; i < size; i++) {
    int candidate = (turn + i) % size;
    Fiber *fiber = blocks[size_t(candidate)]->pick();
    if (fiber == nullptr) continue;
    turn = candidate;
    return fiber;
  }
  return nullptr;
}

// Lets a copy arrive in each block; whether there was one.
bool Cluster::land_copy() {
  bool landed = false;
  for (int i = 0; i < size; i++) {
    if (!blocks[size_t(i)]->hopper.copies_in_flight()) continue;
    emu::land_copy(*blocks[size_t(i)]);
    landed = true;
  }
  return landed;
}

// Like pick, but lets copies arrive, in between and when everybody waits for them.
Fiber *Cluster::next() {
  for (int i = 0; i < size; i++) {
    Block &b = *blocks[size_t(i)];
    if (b.hopper.copies_in_flight() && b.in_random_order() && b.random() % 8 == 0) {
      emu::land_copy(b);
    }
  }
  Fiber *fiber = pick();
  while (fiber == nullptr && land_copy()) fiber = pick();
  return fiber;
}

void Cluster::resume(Fiber *fiber, void **save) {
  Block &b = *blocks[size_t(turn)];
  block = &b;
  b.current = fiber;
  blockIdx = b.index;
  threadIdx = fiber->thread;
  emu_place.lane = fiber->id % kWarpSize;
  emu_switch(save, fiber->stack_pointer);
}

void Block::wait(void *pc) {
  Fiber *me = current;
  me->waits_at = pc;
  Fiber *other = cluster->next();
  if (other == me) return;
  if (other == nullptr) {
    cluster->error = cluster->describe_deadlock();
    end_cluster(*cluster);
  }
  cluster->resume(other, &me->stack_pointer);
}

namespace {

// Nothing may reach the shared memory of a block that has ended: neither copies that are on their way,
// nor such as have arrived by chance before, nor threads of other blocks.
void require_finished(Block &b) {
  if (b.hopper.copies_in_flight()) {
    fail(kLaunchFailure, "a block ended while a copy was on its way into its shared memory, from %s",
         where(b.hopper.copies.front().pc).text);
  }
  int other = b.checker.unfinished();
  if (other < 0) return;
  if (other == b.checker.actor(b.checker.engine())) {
    fail(kLaunchFailure, "a block ended and had not waited for a copy into its shared memory");
  }
  int actors = Checker::actors(b.threads);
  fail(kLaunchFailure,
       "a block ended and had not waited for thread %d of block %d of its cluster, which arrives at"
       " its mbarriers",
       other % actors, other / actors);
}

}  // namespace

void Block::thread_ended() {
  Fiber *me = current;
  if (!me->products.products.empty()) {
    fail(kLaunchFailure, "a thread ended with wgmma results that it never waited for");
  }
  if (!me->has_waited) {
    fail(kLaunchFailure, "%s: a thread ended without wait_for_previous_kernel", launch->name);
  }
  finish_copies(*me, me->groups + 1);
  alive--;
  me->waits_at = nullptr;
  warps[size_t(me->id / kWarpSize)].exited |= 1u << me->id % kWarpSize;
  thread_left_warp(*this, me->id);
  thread_left_barriers(*this);
  thread_left_cluster(*cluster);
  if (alive == 0) require_finished(*this);
  Fiber *other = cluster->next();
  if (other != nullptr) {
    void *dropped;
    cluster->resume(other, &dropped);
  }
  if (cluster->alive() > 0) cluster->error = cluster->describe_deadlock();
  end_cluster(*cluster);
}

int Cluster::alive() const {
  int alive = 0;
  for (int i = 0; i < size; i++) alive += blocks[size_t(i)]->alive;
  return alive;
}

std::string Cluster::describe_deadlock() const {
  std::string text = "deadlock, every living thread waits:";
  std::vector<void *> places;
  for (int i = 0; i < size; i++) {
    const Block &b = *blocks[size_t(i)];
    for (const Fiber &fiber : b.fibers) {
      if (fiber.id >= b.threads || fiber.waits_at == nullptr) continue;
      bool known = false;
      for (void *place : places) known |= place == fiber.waits_at;
      if (known || places.size() == 4) continue;
      places.push_back(fiber.waits_at);
      text += " thread " + std::to_string(fiber.id) + " at " + where(fiber.waits_at).text + ";";
    }
  }
  char index[96];
  snprintf(index, sizeof index, " [block %u,%u,%u]", blockIdx.x, blockIdx.y, blockIdx.z);
  return text + index;
}

// ---- blocks ----

Block::~Block() {
  for (Fiber &fiber : fibers) munmap(fiber.stack, kStackBytes);
  free(dynamic);
}

void Block::prepare_fiber(int id) {
  Fiber &fiber = fibers[size_t(id)];
  fiber.id = id;
  fiber.groups = 0;
  fiber.registers = launch->registers;
  fiber.has_waited = !launch->may_overlap();
  fiber.copies.clear();
  fiber.products.clear();
  fiber.waits_at = nullptr;
  unsigned n = unsigned(id);
  fiber.thread = {n % blockDim.x, n / blockDim.x % blockDim.y, n / (blockDim.x * blockDim.y)};
  // The function starts as if it had been called, with its stack pointer 8 off a multiple of 16.
  size_t colour = size_t(id) % kStackColours * kColourBytes;
  void **top = reinterpret_cast<void **>(fiber.stack + kStackBytes - colour - 72);
  *top = nullptr;
  *--top = reinterpret_cast<void *>(fiber_main);
  for (int i = 0; i < kSavedRegisters; i++) *--top = nullptr;
  fiber.stack_pointer = top;
}

void Block::prepare(uint64_t number) {
  if (dynamic == nullptr) dynamic = static_cast<char *>(aligned_alloc(4096, kMostShared));
  while (int(fibers.size()) < threads) {
    Fiber fiber{};
    void *memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    // A kernel that needs more stack than there is must not write into that of a neighbour.
    mprotect(memory, 4096, PROT_NONE);
    fiber.stack = static_cast<char *>(memory);
    fibers.push_back(fiber);
  }
  static_shared = static_shared_of(*launch);
  memset(dynamic, 0xFF, launch->dynamic_bytes);
  memset(const_cast<char *>(static_shared.begin), 0xFF, static_shared.bytes());
  checker.begin_block(launch->kernel->checked, threads, cluster->clocks, rank,
                      {dynamic, dynamic + launch->dynamic_bytes}, static_shared, image_of(*launch),
                      device_memory(launch->device));
  hopper.clear();
  random_state = ((launch->seed * 0x9E3779B97F4A7C15ull) ^ (number * 0xD1B54A32D192ED03ull)) | 1;
  alive = threads;
  current_warp = 0;
  ready_warps = 0;
  for (Barrier &barrier : barriers) {
    barrier.arrived = 0;
    barrier.waiting.clear();
    barrier.places.clear();
    barrier.clock.clear();
  }
  warps.resize(size_t(threads + kWarpSize - 1) / kWarpSize);
  for (size_t i = 0; i < warps.size(); i++) {
    int lanes = threads - int(i) * kWarpSize;
    unsigned present = lanes >= kWarpSize ? ~0u : (1u << lanes) - 1;
    warps[i].exited = ~present;
    warps[i].meetings = 0;
    warps[i].ready = 0;
    make_ready(int(i), present);
  }
  for (int id = 0; id < threads; id++) prepare_fiber(id);
}

void Cluster::begin_launch(const Launch &launch) {
  size = launch.cluster_blocks;
  while (int(blocks.size()) < size) {
    blocks.push_back(std::make_unique<Block>());
    blocks.back()->cluster = this;
    blocks.back()->rank = int(blocks.size()) - 1;
  }
  for (int i = 0; i < size; i++) {
    Block &b = *blocks[size_t(i)];
    b.launch = &launch;
    b.threads = int(launch.block.x * launch.block.y * launch.block.z);
    b.checker.begin_launch();
  }
}

void Cluster::run(const Launch &launch, uint3 first, uint64_t number) {
  error.clear();
  fault = kLaunchFailure;
  waiting.clear();
  arriving.clear();
  completed.clear();
  turn = 0;
  gridDim = launch.grid;
  blockDim = launch.block;
  if (launch.kernel->checked) clocks.begin(size * Checker::actors(blocks.front()->threads));
  for (int i = 0; i < size; i++) {
    Block &b = *blocks[size_t(i)];
    b.index = {first.x + unsigned(i), first.y, first.z};
    b.prepare(number * uint64_t(size) + uint64_t(i));
  }
  resume(pick(), &launcher_stack_pointer);
}

}  // namespace emu
