// The calls that -fsanitize=thread puts before every access of a kernel to memory. The sanitizer's
// own library is not linked: they end here.

#include "block.h"

namespace {

template <size_t kBytes>
void aligned(void *address, bool write, void *pc) {
  if (reinterpret_cast<uintptr_t>(address) % kBytes != 0) {
    emu::fail(emu::kIllegalAddress, "misaligned %s of %zu bytes at %p at %s",
              write ? "write" : "read", kBytes, address, emu::where(pc).text);
  }
  emu::check(address, kBytes, write, pc);
}

}  // namespace

extern "C" {

#define ACCESSES(bytes)                                                                         \
  void __tsan_read##bytes(void *p) { aligned<bytes>(p, false, EMU_PC); }                        \
  void __tsan_write##bytes(void *p) { aligned<bytes>(p, true, EMU_PC); }                        \
  void __tsan_unaligned_read##bytes(void *p) { emu::check(p, bytes, false, EMU_PC); }           \
  void __tsan_unaligned_write##bytes(void *p) { emu::check(p, bytes, true, EMU_PC); }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_read_range(void *p, size_t bytes) { emu::check(p, bytes, false, EMU_PC); }
void __tsan_write_range(void *p, size_t bytes) { emu::check(p, bytes, true, EMU_PC); }
}
