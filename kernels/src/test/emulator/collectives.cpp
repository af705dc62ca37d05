// What threads do together: barriers of a block, collectives of a warp, products of fragments.

#include "block.h"

namespace emu {

// ---- barriers ----

namespace {

// Instructions that are .aligned are one and the same for all lanes of a warp.
void require_aligned(const char *what, void *place, void *pc) {
  if (same_place(place, pc)) return;
  fail(kLaunchFailure, "warp divergence: lanes are at %s in different places, %s and %s", what,
       where(place).text, where(pc).text);
}

void open_barrier(Block &b, Barrier &barrier) {
  if (barrier.clock.empty()) {
    b.checker.join(barrier.waiting);
  } else {
    // Some arrived without waiting: what they know is in the clock.
    for (int thread : barrier.waiting) b.checker.release(thread, barrier.clock);
    for (int thread : barrier.waiting) b.checker.acquire(thread, barrier.clock);
  }
  for (int thread : barrier.waiting) b.make_ready(thread);
  barrier.waiting.clear();
  barrier.places.clear();
  barrier.clock.clear();
  barrier.arrived = 0;
}

Barrier &arrive(Block &b, int id, int count, void *pc) {
  if (id < 0 || id >= Block::kBarriers) {
    fail(kLaunchFailure, "there is no barrier %d at %s", id, where(pc).text);
  }
  if (count % kWarpSize != 0 || count > b.threads) {
    fail(kLaunchFailure, "barrier %d cannot have %d threads at %s", id, count, where(pc).text);
  }
  Barrier &barrier = b.barriers[id];
  if (barrier.arrived == 0) barrier.count = count;
  if (barrier.count != count) {
    fail(kLaunchFailure, "barrier %d has %d threads here and %d elsewhere at %s", id, count,
         barrier.count, where(pc).text);
  }
  size_t warp = size_t(b.current->id / kWarpSize);
  barrier.places.resize(b.warps.size());
  if (barrier.places[warp] == nullptr) barrier.places[warp] = pc;
  require_aligned("a barrier", barrier.places[warp], pc);
  barrier.arrived++;
  return barrier;
}

bool complete(const Block &b, const Barrier &barrier) {
  return barrier.arrived == (barrier.count != 0 ? barrier.count : b.alive);
}

}  // namespace

void barrier(int id, int count, void *pc) {
  Block &b = *block;
  Barrier &barrier = arrive(b, id, count, pc);
  barrier.waiting.push_back(b.current->id);
  if (complete(b, barrier)) open_barrier(b, barrier);
  b.wait(pc);
}

void barrier_arrive(int id, int count, void *pc) {
  Block &b = *block;
  Barrier &barrier = arrive(b, id, count, pc);
  b.checker.release(b.current->id, barrier.clock);
  if (complete(b, barrier)) open_barrier(b, barrier);
}

// A barrier of the whole block does not wait for threads that have ended.
void thread_left_barriers(Block &b) {
  for (Barrier &barrier : b.barriers) {
    if (barrier.arrived > 0 && barrier.count == 0 && complete(b, barrier)) open_barrier(b, barrier);
  }
}

// ---- the barrier of a cluster ----

namespace {

void open_if_complete(Cluster &cluster) {
  if (cluster.waiting.empty() || int(cluster.waiting.size()) < cluster.alive()) return;
  for (const Cluster::Waiting &each : cluster.waiting) each.block->make_ready(each.thread);
  cluster.waiting.clear();
  cluster.completed = cluster.arriving;
  cluster.arriving.clear();
}

}  // namespace

void cluster_barrier(void *pc) {
  Block &b = *block;
  Cluster &cluster = *b.cluster;
  require_hopper("barrier.cluster", pc);
  // It is relaxed: what passes is that mbarriers were initialised, which have a fence of their own.
  for (const Mbarrier &each : b.hopper.barriers) {
    if (!b.checker.enabled() || each.initialiser != b.current->id) continue;
    b.checker.note(cluster.arriving, b.checker.actor(each.initialiser), each.initialised_at);
  }
  cluster.waiting.push_back({&b, b.current->id});
  open_if_complete(cluster);
  b.wait(pc);
  b.checker.acquire(b.current->id, cluster.completed);
}

// Threads that have ended are not waited for.
void thread_left_cluster(Cluster &cluster) { open_if_complete(cluster); }

// ---- collectives ----

namespace {

const char *name(Op op) {
  switch (op) {
    case kSyncWarp:
      return "__syncwarp";
    case kShuffle:
      return "a shuffle";
    case kVote:
      return "a vote";
    case kLoadMatrix:
      return "ldmatrix";
    case kMma:
      return "mma.sync";
    case kWgmma:
      return "wgmma";
  }
  return "?";
}

Meeting &find_meeting(Warp &warp, unsigned mask, void *pc) {
  for (int i = 0; i < warp.meetings; i++) {
    if (warp.meeting[i].mask == mask) return warp.meeting[i];
  }
  if (warp.meetings == Warp::kMostMeetings) {
    fail(kLaunchFailure, "too many different masks in a warp at %s", where(pc).text);
  }
  Meeting &meeting = warp.meeting[warp.meetings++];
  meeting.mask = mask;
  meeting.arrived = 0;
  meeting.generation = 0;
  return meeting;
}

void end_meeting(Block &b, int warp, Meeting &meeting) {
  if (meeting.op == kSyncWarp) b.checker.join_lanes(warp * kWarpSize, meeting.arrived);
  unsigned char *slots = meeting.slots[meeting.generation % 2];
  for (unsigned absent = ~meeting.arrived; absent != 0; absent &= absent - 1) {
    // Lanes that are not there vote for nothing.
    memset(slots + __builtin_ctz(absent) * kSlotBytes, 0, kSlotBytes);
  }
  if (meeting.finish != nullptr) meeting.finish(slots);
  meeting.generation++;
  b.make_ready(warp, meeting.arrived);
  meeting.arrived = 0;
}

}  // namespace

const unsigned char *collect(Op op, unsigned mask, const void *operand, size_t bytes, void *pc,
                             void (*finish)(unsigned char *)) {
  Block &b = *block;
  int id = b.current->id;
  int lane = id % kWarpSize;
  Warp &warp = b.warps[size_t(id / kWarpSize)];
  if ((mask >> lane & 1) == 0) {
    fail(kLaunchFailure, "lane %d is not in its own mask %08x at %s", lane, mask, where(pc).text);
  }
  if (op >= kLoadMatrix && warp.exited != 0) {
    fail(kLaunchFailure, "%s needs all 32 lanes, some have ended at %s", name(op), where(pc).text);
  }
  Meeting &meeting = find_meeting(warp, mask, pc);
  if (meeting.arrived == 0) {
    meeting.op = op;
    meeting.place = pc;
    meeting.finish = finish;
  } else if (meeting.op != op) {
    fail(kLaunchFailure, "warp divergence: lane %d is at %s, others at %s at %s", lane, name(op),
         name(meeting.op), where(pc).text);
  }
  if (op >= kLoadMatrix) require_aligned(name(op), meeting.place, pc);
  const unsigned char *slots = meeting.slots[meeting.generation % 2];
  memcpy(meeting.slots[meeting.generation % 2] + lane * kSlotBytes, operand, bytes);
  meeting.arrived |= 1u << lane;
  if (meeting.arrived == (mask & ~warp.exited)) end_meeting(b, id / kWarpSize, meeting);
  b.wait(pc);
  return slots;
}

// Collectives do not wait for lanes that have ended.
void thread_left_warp(Block &b, int id) {
  Warp &warp = b.warps[size_t(id / kWarpSize)];
  for (int i = 0; i < warp.meetings; i++) {
    Meeting &meeting = warp.meeting[i];
    if (meeting.arrived == 0 || (meeting.mask >> id % kWarpSize & 1) == 0) continue;
    if (meeting.op >= kLoadMatrix) {
      fail(kLaunchFailure, "a thread ended while its warp waits at %s", name(meeting.op));
    }
    if (meeting.arrived == (meeting.mask & ~warp.exited)) end_meeting(b, id / kWarpSize, meeting);
  }
}

// ---- mma.sync m16n8k16 and m16n8k32, layouts as tile.cuh states them ----

namespace {

float widen_bf16(uint16_t bits) { return __uint_as_float(uint32_t(bits) << 16); }
float widen_half(uint16_t bits) { return __half2float(__half{bits}); }
int widen_int8(uint8_t bits) { return int8_t(bits); }

template <typename Element, typename Sum, Sum (*kWiden)(Element), int kRows, int kColumns>
void widen(const Element (&from)[kRows][kColumns], Sum (&to)[kRows][kColumns]) {
  for (int row = 0; row < kRows; row++) {
    for (int column = 0; column < kColumns; column++) to[row][column] = kWiden(from[row][column]);
  }
}

// Element: what a and b consist of. Sum: what it is widened to.
template <typename Element, typename Sum, Sum (*kWiden)(Element)>
void multiply(unsigned char *slots) {
  constexpr int kWord = 4 / sizeof(Element);
  constexpr int kDepth = 8 * kWord;
  constexpr int kRows = 16;
  constexpr int kColumns = 8;
  Element narrow_a[kRows][kDepth];
  Element narrow_b[kDepth][kColumns];
  for (int lane = 0; lane < kWarpSize; lane++) {
    int g = lane / 4;
    int t = lane % 4;
    Element words[6][kWord];
    memcpy(words, slots + lane * kSlotBytes, sizeof words);
    for (int i = 0; i < 4; i++) {
      memcpy(&narrow_a[g + 8 * (i % 2)][kWord * (t + 4 * (i / 2))], words[i], sizeof words[i]);
    }
    for (int e = 0; e < kWord; e++) {
      for (int i = 0; i < 2; i++) narrow_b[kWord * (t + 4 * i) + e][g] = words[4 + i][e];
    }
  }
  Sum a[kRows][kDepth];
  Sum b[kDepth][kColumns];
  widen<Element, Sum, kWiden>(narrow_a, a);
  widen<Element, Sum, kWiden>(narrow_b, b);
  // Left to itself the compiler makes vectors along the depth, whose sums are not in order.
  typedef Sum Row __attribute__((vector_size(sizeof(Sum) * kColumns)));
  Row d[kRows] = {};
  for (int k = 0; k < kDepth; k++) {
    Row factors;
    memcpy(&factors, b[k], sizeof factors);
    for (int row = 0; row < kRows; row++) d[row] += a[row][k] * factors;
  }
  for (int lane = 0; lane < kWarpSize; lane++) {
    Sum sums[4];
    for (int i = 0; i < 4; i++) sums[i] = d[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
    memcpy(slots + lane * kSlotBytes, sums, sizeof sums);
  }
}

}  // namespace

void mma_bf16_slots(unsigned char *slots) { multiply<uint16_t, float, widen_bf16>(slots); }
void mma_half_slots(unsigned char *slots) { multiply<uint16_t, float, widen_half>(slots); }
void mma_int8_slots(unsigned char *slots) { multiply<uint8_t, int, widen_int8>(slots); }

}  // namespace emu
