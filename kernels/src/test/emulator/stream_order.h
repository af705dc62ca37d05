// Which accesses of streams to memory are in order. Here a call is done when it returns; on a GPU
// the calls of two streams run in any order that neither an event nor a waiting host forbids.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "device_memory.h"

namespace emu {

// How many calls of each stream, by its number, are known to be done.
class Progress {
 public:
  void join(int stream, uint64_t calls) {
    uint64_t &known = calls_[stream];
    if (known < calls) known = calls;
  }
  void join(const Progress &other) {
    for (const auto &entry : other.calls_) join(entry.first, entry.second);
  }
  bool knows(int stream, uint64_t call) const {
    auto known = calls_.find(stream);
    return known != calls_.end() && known->second >= call;
  }

 private:
  std::map<int, uint64_t> calls_;
};

// A stream as far as order goes: each of its calls knows those that it waits for, itself the last.
struct Lane {
  int number;
  uint64_t calls = 0;
  Progress known;
};

// The accesses that later ones must still be in order with.
class StreamOrder {
 public:
  // A call of a lane, its latest one, touches part of an allocation. What is wrong with that; empty
  // if nothing is.
  std::string access(const Lane &lane, const std::string &call, const Range &allocation,
                     const Range &part, bool write);
  // The allocation is freed.
  void forget(const void *allocation) { accesses_.erase(allocation); }

 private:
  struct Access {
    Range part;
    bool write;
    int lane;
    uint64_t number;
    std::string call;
  };

  std::map<const void *, std::vector<Access>> accesses_;
};

}  // namespace emu
