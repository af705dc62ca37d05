#include "stream_order.h"

#include <algorithm>

namespace emu {

std::string StreamOrder::access(const Lane &lane, const std::string &call, const Range &allocation,
                                const Range &part, bool write) {
  std::vector<Access> &earlier = accesses_[allocation.begin];
  for (const Access &other : earlier) {
    if ((!write && !other.write) || !part.overlaps(other.part)) continue;
    if (lane.known.knows(other.lane, other.number)) continue;
    return call + " on stream " + std::to_string(lane.number) + (write ? " writes" : " reads") +
           " memory that " + other.call + " on stream " + std::to_string(other.lane) +
           (other.write ? " writes" : " reads") + ", and does not wait for it: byte " +
           std::to_string(std::max(part.begin, other.part.begin) - allocation.begin) + " of " +
           std::to_string(allocation.bytes());
  }
  // Who waits for this call has also waited for those it knows.
  auto superseded = [&](const Access &other) {
    return (write || !other.write) && part.covers(other.part) &&
           lane.known.knows(other.lane, other.number);
  };
  earlier.erase(std::remove_if(earlier.begin(), earlier.end(), superseded), earlier.end());
  earlier.push_back({part, write, lane.number, lane.calls, call});
  return "";
}

}  // namespace emu
