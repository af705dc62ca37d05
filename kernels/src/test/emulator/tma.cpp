// Barriers in shared memory, and copies of boxes that arrive some time after their issue.

#include "block.h"

namespace emu {

void require_hopper(const char *what, void *pc) {
  int capability = block->launch->capability;
  if (capability != 90) {
    fail(kLaunchFailure, "%s exists on compute capability 9.0 only, not on %d.%d at %s", what,
         capability / 10, capability % 10, where(pc).text);
  }
}

uint32_t shared_address(const void *address, void *pc) {
  Block &b = *block;
  const char *first = static_cast<const char *>(address);
  if (first >= b.dynamic && first < b.dynamic + Block::kMostShared) {
    return Block::kSharedBase + uint32_t(first - b.dynamic);
  }
  if (b.static_shared.contains(first, 1)) {
    size_t offset = Block::kMostShared + size_t(first - b.static_shared.begin);
    return Block::kSharedBase + uint32_t(offset);
  }
  fail(kIllegalAddress, "%p is not in shared memory at %s", address, where(pc).text);
}

// ---- barriers ----

namespace {

// The running thread as an actor of its cluster.
int acting() { return block->checker.actor(block->current->id); }

// A barrier in the shared memory of a block, for a thread of any block of the cluster.
Mbarrier &find_barrier(Block &owner, uint32_t address, void *pc) {
  for (Mbarrier &barrier : owner.hopper.barriers) {
    if (barrier.address != address) continue;
    int initialiser = owner.checker.actor(barrier.initialiser);
    if (owner.checker.enabled() &&
        !owner.checker.knows(acting(), initialiser, barrier.initialised_at)) {
      fail(kLaunchFailure,
           "the mbarrier at shared address %u was initialised by thread %d, with no barrier "
           "between that and its use at %s",
           address, barrier.initialiser, where(pc).text);
    }
    return barrier;
  }
  fail(kLaunchFailure, "there is no mbarrier at shared address %u at %s", address, where(pc).text);
}

void end_phase_if_complete(Block &b, Mbarrier &barrier) {
  if (barrier.pending != 0 || barrier.bytes != 0) return;
  barrier.phase ^= 1;
  barrier.pending = barrier.count;
  barrier.completed = barrier.arriving;
  for (int thread : barrier.waiting) b.make_ready(thread);
  barrier.waiting.clear();
}

}  // namespace

void mbarrier_init(uint32_t address, int arrivals, void *pc) {
  Block &b = *block;
  if (address % 8 != 0 || arrivals < 1) {
    fail(kLaunchFailure, "mbarrier of %d arrivals at shared address %u at %s", arrivals, address,
         where(pc).text);
  }
  for (const Mbarrier &barrier : b.hopper.barriers) {
    if (barrier.address == address) {
      fail(kLaunchFailure, "the mbarrier at shared address %u is initialised twice, at %s", address,
           where(pc).text);
    }
  }
  Mbarrier barrier{};
  barrier.address = address;
  barrier.count = arrivals;
  barrier.pending = arrivals;
  barrier.initialiser = b.current->id;
  if (b.checker.enabled()) {
    barrier.initialised_at = b.checker.step(acting());
    Clock ignored;
    b.checker.release(b.current->id, ignored);
  }
  b.hopper.barriers.push_back(barrier);
}

namespace {

// Another block of the cluster, or the own one, whose shared memory is still there.
Block &block_of_cluster(int rank, const char *what, void *pc) {
  Cluster &cluster = *block->cluster;
  if (rank < 0 || rank >= cluster.size) {
    fail(kLaunchFailure, "%s to block %d of a cluster of %d at %s", what, rank, cluster.size,
         where(pc).text);
  }
  Block &target = *cluster.blocks[size_t(rank)];
  if (target.alive == 0) {
    fail(kLaunchFailure, "%s to block %d of the cluster, which has ended, at %s", what, rank,
         where(pc).text);
  }
  return target;
}

void arrive(Block &owner, uint32_t address, int bytes, void *pc) {
  Mbarrier &barrier = find_barrier(owner, address, pc);
  if (&owner != block && owner.checker.enabled()) owner.checker.ends_after(acting());
  block->checker.release(block->current->id, barrier.arriving);
  if (barrier.pending == 0) {
    fail(kLaunchFailure, "more than %d arrivals at the mbarrier at shared address %u at %s",
         barrier.count, address, where(pc).text);
  }
  barrier.pending--;
  barrier.bytes += bytes;
  end_phase_if_complete(owner, barrier);
}

}  // namespace

void mbarrier_arrive(uint32_t address, int bytes, void *pc) { arrive(*block, address, bytes, pc); }

void mbarrier_arrive_in(uint32_t address, int rank, void *pc) {
  arrive(block_of_cluster(rank, "an arrival", pc), address, 0, pc);
}

void mbarrier_wait(uint32_t address, int parity, void *pc) {
  Block &b = *block;
  Mbarrier &barrier = find_barrier(b, address, pc);
  while (barrier.phase == parity) {
    barrier.waiting.push_back(b.current->id);
    b.wait(pc);
  }
  b.checker.acquire(b.current->id, barrier.completed);
}

// ---- boxes ----

uint32_t BoxCopy::bytes() const {
  uint32_t bytes = map.element_bytes;
  for (int axis = 0; axis < map.axes; axis++) bytes *= map.box[axis];
  return bytes;
}

namespace {

// Starts a copy into the shared memory of a block.
void begin_copy(Block &target, const BoxCopy &copy) {
  find_barrier(target, copy.barrier, copy.pc);
  if (target.checker.enabled()) {
    target.checker.begin_copy(acting(), copy.to, copy.bytes(), copy.pc);
  }
  target.hopper.copies.push_back(copy);
  if (target.in_random_order() && target.random() % 2 == 0) land_copy(target);
}

}  // namespace

void load_box(uint32_t to, const CUtensorMap &map, int x, int y, int z, int w, uint32_t barrier,
              unsigned blocks, void *pc) {
  Block &b = *block;
  require_hopper("TMA", pc);
  require_waited("TMA", pc);
  BoxCopy copy{};
  memcpy(&copy.map, &map, sizeof copy.map);
  copy.to = to - Block::kSharedBase;
  copy.x = x;
  copy.y = y;
  copy.z = z;
  copy.w = w;
  copy.barrier = barrier;
  copy.pc = pc;
  if (copy.map.magic != TensorMapFields::kMagic) {
    fail(kLaunchFailure, "TMA: not a tensor map at %s", where(pc).text);
  }
  // The swizzle repeats every 1024 bytes; descriptors of wgmma start there too.
  uint32_t alignment = copy.map.swizzle == TensorMapFields::kNone ? 128 : 1024;
  if (to % alignment != 0 || size_t(copy.to) + copy.bytes() > b.launch->dynamic_bytes) {
    fail(kIllegalAddress, "TMA: %u bytes to offset %u of %zu, a multiple of %u is needed at %s",
         copy.bytes(), copy.to, b.launch->dynamic_bytes, alignment, where(pc).text);
  }
  if (blocks == kOwnBlock) {
    begin_copy(b, copy);
    return;
  }
  // The box comes to the same place of each block, and counts at its barrier there.
  for (int rank = 0; blocks >> rank != 0; rank++) {
    if (blocks >> rank & 1) begin_copy(block_of_cluster(rank, "a multicast", pc), copy);
  }
}

namespace {

constexpr uint32_t kChunkBytes = 16;

// Copies 16 bytes of a row that starts at row, or clears those outside of the tensor.
void copy_chunk(Block &b, const BoxCopy &copy, const char *row, bool row_exists, long x,
                char *target) {
  memset(target, 0, kChunkBytes);
  long size = copy.map.element_bytes;
  long elements = long(kChunkBytes) / size;
  long extent = long(copy.map.extents[0]);
  long first = x < 0 ? -x : 0;
  long end = extent - x < elements ? extent - x : elements;
  if (!row_exists || first >= end) return;
  const char *from = row + size * (x + first);
  size_t bytes = size_t(size * (end - first));
  if (b.checker.enabled()) b.checker.access_global(from, bytes, false, copy.pc);
  memcpy(target + size * first, from, bytes);
}

// Where entry `index` of a box lies on an axis, and whether the tensor has it; an axis that the map
// lacks has one entry.
long place_on_axis(const TensorMapFields &map, int axis, int first, uint32_t index, bool &exists) {
  long place = long(first) + long(index) * map.steps[axis];
  exists = exists && (axis >= map.axes || (place >= 0 && uint64_t(place) < map.extents[axis]));
  return place;
}

void copy_box(Block &b, const BoxCopy &copy) {
  const TensorMapFields &map = copy.map;
  uint32_t planes = map.axes > 2 ? map.box[2] : 1;
  uint32_t volumes = map.axes > 3 ? map.box[3] : 1;
  uint32_t to = copy.to;
  for (uint32_t i = 0; i < planes * volumes; i++) {
    bool plane_exists = true;
    long z = place_on_axis(map, 2, copy.z, i % planes, plane_exists);
    long w = place_on_axis(map, 3, copy.w, i / planes, plane_exists);
    const char *plane = map.base + z * long(map.strides[1]) + w * long(map.strides[2]);
    for (uint32_t line = 0; line < map.box[1]; line++) {
      bool exists = plane_exists;
      long y = place_on_axis(map, 1, copy.y, line, exists);
      const char *row = plane + y * long(map.strides[0]);
      for (uint32_t x = 0; x < map.box[0]; x += kChunkBytes / map.element_bytes) {
        uint32_t at = map.swizzle == TensorMapFields::kNone ? to : swizzle_128(to);
        copy_chunk(b, copy, row, exists, long(copy.x) + x, b.dynamic + at);
        to += kChunkBytes;
      }
    }
  }
}

}  // namespace

void land_copy(Block &b) {
  auto &copies = b.hopper.copies;
  size_t chosen = b.in_random_order() ? b.random() % copies.size() : 0;
  BoxCopy copy = copies[chosen];
  copies.erase(copies.begin() + long(chosen));
  copy_box(b, copy);
  for (Mbarrier &barrier : b.hopper.barriers) {
    if (barrier.address != copy.barrier) continue;
    if (b.checker.enabled()) {
      int engine = b.checker.actor(b.checker.engine());
      uint32_t step = b.checker.begin_step(b.checker.engine());
      b.checker.end_copy(b.checker.engine(), copy.to, copy.bytes());
      b.checker.note(barrier.arriving, engine, step);
      b.checker.ends_after(engine);
    }
    barrier.bytes -= long(copy.bytes());
    end_phase_if_complete(b, barrier);
  }
}

}  // namespace emu
