// Accesses that kernels report themselves, and cp.async: copies that arrive some time between their
// issue and the wait for their group.

#include "block.h"

namespace emu {

namespace {

Range stack_of(const Fiber &fiber) { return {fiber.stack, fiber.stack + Block::kStackBytes}; }

void land(CopyAsync &copy) {
  if (copy.landed) return;
  if (copy.source_bytes > 0) memcpy(copy.to, copy.from, size_t(copy.source_bytes));
  memset(copy.to + copy.source_bytes, 0, size_t(copy.bytes - copy.source_bytes));
  copy.landed = true;
}

}  // namespace

void check(const void *address, size_t bytes, bool write, void *pc) {
  Block &b = *block;
  if (!b.checker.enabled()) return;
  const char *first = static_cast<const char *>(address);
  if (stack_of(*b.current).contains(first, 1)) {
    b.current->products.check_access(first, bytes, pc);
  } else {
    b.checker.access(b.current->id, first, bytes, write, pc);
  }
}

void check_atomic(const void *address, size_t bytes, void *pc) {
  Block &b = *block;
  if (!b.checker.enabled()) return;
  b.checker.access_atomic(static_cast<const char *>(address), bytes, pc);
}

void copy_async(void *to, const void *from, int bytes, int source_bytes, void *pc) {
  Block &b = *block;
  CopyAsync copy{static_cast<char *>(to),
                 static_cast<const char *>(from),
                 bytes,
                 source_bytes,
                 b.current->groups,
                 false};
  if (reinterpret_cast<uintptr_t>(to) % unsigned(bytes) != 0 ||
      reinterpret_cast<uintptr_t>(from) % unsigned(bytes) != 0) {
    fail(kIllegalAddress, "cp.async: an address is not a multiple of %d bytes at %s", bytes,
         where(pc).text);
  }
  if (source_bytes > 0) require_waited("cp.async", pc);
  if (b.checker.enabled()) {
    long offset = b.checker.shared_offset(copy.to);
    size_t dynamic_bytes = b.launch->dynamic_bytes;
    bool dynamic = copy.to >= b.dynamic && copy.to < b.dynamic + Block::kMostShared;
    if (offset < 0 || (dynamic && size_t(offset + bytes) > dynamic_bytes)) {
      fail(kIllegalAddress, "cp.async: destination outside of shared memory, offset %ld at %s",
           offset, where(pc).text);
    }
    if (source_bytes > 0) b.checker.access_global(copy.from, size_t(source_bytes), false, pc);
    b.checker.begin_copy(b.current->id, size_t(offset), size_t(bytes), pc);
  }
  if (b.in_random_order() && b.random() % 2 == 0) land(copy);
  b.current->copies.push_back(copy);
}

void commit_async() { block->current->groups++; }

void finish_copies(Fiber &fiber, int before_group) {
  Block &b = *block;
  size_t kept = 0;
  for (CopyAsync &copy : fiber.copies) {
    if (copy.group >= before_group) {
      fiber.copies[kept++] = copy;
      continue;
    }
    land(copy);
    if (b.checker.enabled()) {
      size_t offset = size_t(b.checker.shared_offset(copy.to));
      b.checker.end_copy(fiber.id, offset, size_t(copy.bytes));
    }
  }
  fiber.copies.resize(kept);
}

void wait_async(int pending) { finish_copies(*block->current, block->current->groups - pending); }

}  // namespace emu
