#include "block.h"

namespace emu {

void land_copy(Block &) {}

}  // namespace emu
