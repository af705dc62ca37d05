// Memory of the emulated device: host memory that is poisoned, guarded and kept for a while after
// it is freed, so that wrong accesses are found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace emu {

struct Range {
  const char *begin;
  const char *end;

  size_t bytes() const { return size_t(end - begin); }
  bool contains(const char *address, size_t bytes) const {
    return address >= begin && address < end && bytes <= size_t(end - address);
  }
  bool overlaps(const Range &other) const { return begin < other.end && other.begin < end; }
  bool covers(const Range &other) const { return begin <= other.begin && other.end <= end; }
  // Grows, from nothing or a part, so that it covers another one.
  void extend(const Range &other) {
    if (begin == nullptr || other.begin < begin) begin = other.begin;
    if (end == nullptr || other.end > end) end = other.end;
  }
};

// Reads may come from all threads that run blocks; changes are made while none runs.
class DeviceMemory {
 public:
  void set_total(uint64_t bytes) { total_ = bytes; }
  uint64_t total() const { return total_; }
  uint64_t free_bytes() const { return used_ < total_ ? total_ - used_ : 0; }

  // New bytes, all 0xFF, at an address that is a multiple of 256; null if there are not so many.
  void *allocate(size_t bytes);
  // Whether the address was that of an allocation.
  bool release(void *address);

  // The allocation that holds these bytes; null if there is none.
  const Range *find(const void *address, size_t bytes) const;
  // What is wrong with these bytes, which no allocation holds.
  std::string describe(const void *address, size_t bytes) const;
  // Names an allocation whose guard zones were written to; empty if there is none.
  std::string find_damage() const;

 private:
  struct Freed {
    Range range;
    char *block;
  };

  uint64_t total_ = uint64_t(8) << 30;
  uint64_t used_ = 0;
  std::map<const char *, Range> live_;
  std::vector<Freed> freed_;
  size_t freed_bytes_ = 0;
};

// Devices of the emulated driver; a kernel reaches the memory of its own one.
constexpr int kDevices = 2;
DeviceMemory &device_memory(int device);

}  // namespace emu
