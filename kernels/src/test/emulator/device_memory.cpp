#include "device_memory.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emu {

namespace {

constexpr size_t kGuardBytes = 256;
constexpr unsigned char kGuard = 0xA5;
// Every element is a NaN in all floating-point types.
constexpr unsigned char kPoison = 0xFF;
// How much freed memory is kept to recognise a use after free.
constexpr size_t kMostFreedBytes = size_t(64) << 20;

bool guard_intact(const char *zone) {
  static const std::string intact(kGuardBytes, static_cast<char>(kGuard));
  return memcmp(zone, intact.data(), kGuardBytes) == 0;
}

std::string format_range(const Range &range) {
  char text[96];
  snprintf(text, sizeof text, "%zu bytes at %p", range.bytes(),
           static_cast<const void *>(range.begin));
  return text;
}

}  // namespace

DeviceMemory &device_memory(int device) {
  static DeviceMemory *memory = new DeviceMemory[kDevices];
  return memory[device];
}

void *DeviceMemory::allocate(size_t bytes) {
  if (bytes > free_bytes()) return nullptr;
  size_t whole = (bytes + 2 * kGuardBytes + 511) / 512 * 512;
  char *block = static_cast<char *>(aligned_alloc(512, whole));
  if (block == nullptr) return nullptr;
  // The driver promises multiples of 256 and no more, and that is what callers get.
  char *begin = block + kGuardBytes;
  memset(block, kGuard, kGuardBytes);
  memset(begin, kPoison, bytes);
  memset(begin + bytes, kGuard, kGuardBytes);
  live_[begin] = {begin, begin + bytes};
  used_ += bytes;
  return begin;
}

bool DeviceMemory::release(void *address) {
  auto found = live_.find(static_cast<const char *>(address));
  if (found == live_.end()) return false;
  Range range = found->second;
  size_t bytes = range.bytes();
  live_.erase(found);
  used_ -= bytes;
  char *block = static_cast<char *>(address) - kGuardBytes;
  if (bytes > kMostFreedBytes) {
    free(block);
    return true;
  }
  memset(address, kPoison, bytes);
  freed_.push_back({range, block});
  freed_bytes_ += bytes;
  size_t forgotten = 0;
  while (freed_bytes_ > kMostFreedBytes) {
    const Freed &oldest = freed_[forgotten++];
    freed_bytes_ -= oldest.range.bytes();
    free(oldest.block);
  }
  freed_.erase(freed_.begin(), freed_.begin() + long(forgotten));
  return true;
}

const Range *DeviceMemory::find(const void *address, size_t bytes) const {
  const char *first = static_cast<const char *>(address);
  auto next = live_.upper_bound(first);
  if (next == live_.begin()) return nullptr;
  const Range &range = std::prev(next)->second;
  return range.contains(first, bytes) ? &range : nullptr;
}

std::string DeviceMemory::describe(const void *address, size_t bytes) const {
  const char *first = static_cast<const char *>(address);
  for (const Freed &freed : freed_) {
    if (freed.range.contains(first, 1)) return "in freed memory, " + format_range(freed.range);
  }
  if (first == nullptr) return "null pointer";
  // Of the allocations on either side the nearer one is meant.
  auto next = live_.upper_bound(first);
  long past = LONG_MAX;
  long ahead = LONG_MAX;
  if (next != live_.begin()) past = first + bytes - std::prev(next)->second.end;
  if (next != live_.end()) ahead = next->second.begin - first;
  if (std::min(past, ahead) < 1 << 20) {
    return past < ahead
               ? std::to_string(past) + " bytes past the end of " +
                     format_range(std::prev(next)->second)
               : std::to_string(ahead) + " bytes before " + format_range(next->second);
  }
  return "far from any allocation";
}

std::string DeviceMemory::find_damage() const {
  for (const auto &entry : live_) {
    const Range &range = entry.second;
    if (!guard_intact(range.begin - kGuardBytes)) {
      return "bytes before " + format_range(range) + " were written";
    }
    if (!guard_intact(range.end)) return "bytes behind " + format_range(range) + " were written";
  }
  return "";
}

}  // namespace emu
