// Registers of a block: warpgroups give some to others by setmaxnreg, or wait until there are enough.

#include "block.h"

namespace emu {

void set_registers(int registers, bool increase, void *pc) {
  Block &b = *block;
  Fiber &me = *b.current;
  require_hopper("setmaxnreg", pc);
  int more = registers - me.registers;
  if (increase ? more < 0 : more > 0) {
    fail(kLaunchFailure, "setmaxnreg.%s from %d to %d registers at %s", increase ? "inc" : "dec",
         me.registers, registers, where(pc).text);
  }
  while (more > b.hopper.free_registers) {
    b.hopper.waiting_for_registers.push_back(me.id);
    b.wait(pc);
  }
  b.hopper.free_registers -= more;
  me.registers = registers;
  if (more >= 0) return;
  for (int thread : b.hopper.waiting_for_registers) b.make_ready(thread);
  b.hopper.waiting_for_registers.clear();
}

}  // namespace emu
