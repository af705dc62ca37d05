// What kernels that were compiled for the CPU call. The runtime behind it lies in libcuda.so.1,
// beside the look-alike of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

// A device function that the checker must not watch: it reports what it touches itself. Not
// inlined, so that EMU_PC is the line of the kernel that calls it.
#define EMU_FN __attribute__((noinline, no_sanitize("thread")))
#define EMU_PC __builtin_return_address(0)

namespace emu {

constexpr int kWarpSize = 32;

// What a launch ends with, as the driver numbers it.
enum Fault { kIllegalAddress = 700, kLaunchFailure = 719 };

// Ends the launch with a message; does not return to the kernel.
[[noreturn]] __attribute__((format(printf, 2, 3))) void fail(Fault fault, const char *format, ...);

// Source file and line of an address in a kernel.
struct Location {
  char text[256];
};
Location where(void *pc);
// Whether two calls stand in the same place of the source: a compiler makes several of one.
bool same_place(void *one, void *other);

// Waits until the threads of a barrier are there: all living threads of the block for count 0.
void barrier(int id, int count, void *pc);
// Counts as arrived at a barrier without waiting for it.
void barrier_arrive(int id, int count, void *pc);

// What the lanes of a warp do together. Those after kSyncWarp and the votes need all 32 lanes.
enum Op { kSyncWarp, kShuffle, kVote, kLoadMatrix, kMma, kWgmma };
constexpr int kSlotBytes = 64;
// Leaves this lane's operand in its slot, waits for all lanes of the mask and returns the 32 slots.
// The last lane to arrive calls finish, which may turn operands into results.
const unsigned char *collect(Op op, unsigned mask, const void *operand, size_t bytes, void *pc,
                             void (*finish)(unsigned char *slots) = nullptr);

// The thread has waited for the kernel before this one: it may use memory of the device.
void wait_for_previous_kernel();

// Dynamic shared memory of the block.
void *dynamic_shared();
// Reports an access to the checker, which ends the launch if it is wrong.
void check(const void *address, size_t bytes, bool write, void *pc);
// The same for an atomic access, which does not race with others.
void check_atomic(const void *address, size_t bytes, void *pc);

// cp.async: source_bytes are copied, the rest of the destination is cleared.
void copy_async(void *to, const void *from, int bytes, int source_bytes, void *pc);
void commit_async();
void wait_async(int pending);

// Products of fragments of 16 rows and 8 columns, 16 deep or 32 for int8, that lie in the slots as
// a[4], b[2]; sums replace them.
void mma_bf16_slots(unsigned char *slots);
void mma_half_slots(unsigned char *slots);
void mma_int8_slots(unsigned char *slots);

template <class T>
__attribute__((no_sanitize("thread"))) inline T slot(const unsigned char *slots, int lane) {
  static_assert(sizeof(T) <= kSlotBytes);
  T value;
  memcpy(&value, slots + lane * kSlotBytes, sizeof value);
  return value;
}

// A kernel as its library shows it under the name <kernel>__emu.
struct Kernel {
  void (*run)(void **parameters);
  int parameters;
  const size_t *parameter_bytes;
  // Whether it was compiled with the calls of the checker in it.
  bool checked;
  // Blocks of a cluster, as its __cluster_dims__ says; 1 without.
  int (*cluster_blocks)();
  // Makes the library's shared memory exist on the calling thread.
  void (*touch_shared)();
};

template <class... A, size_t... I>
__attribute__((no_sanitize("thread"))) inline void call(void (*kernel)(A...), void **parameters,
                                                        std::index_sequence<I...>) {
  kernel(*reinterpret_cast<std::remove_cv_t<A> *>(parameters[I])...);
}
template <class... A>
__attribute__((no_sanitize("thread"))) inline void call(void (*kernel)(A...), void **parameters) {
  call(kernel, parameters, std::index_sequence_for<A...>{});
}

template <class... A>
struct Signature {
  static constexpr size_t kBytes[sizeof...(A) + 1] = {sizeof(A)..., 0};
};
template <class... A>
constexpr Kernel describe(void (*)(A...), void (*run)(void **), bool checked,
                          int (*cluster_blocks)(), void (*touch_shared)()) {
  return {run, int(sizeof...(A)), Signature<A...>::kBytes, checked, cluster_blocks, touch_shared};
}

}  // namespace emu
