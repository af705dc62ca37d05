// How a kernel follows the one before it in its stream. From compute capability 9.0 on it may be started
// while that one runs (programmatic dependent launch), so that what it sets up without global memory
// is done when its turn comes. Before that it starts when the other has ended, and both functions do
// nothing.
//
// Every thread of every kernel waits before it first reads or writes global memory, tensor maps among
// its parameters excepted, and before it ends. A kernel that has ended has therefore outlived the one
// before it, and that one those before: who waits for the last kernel waits for all. Neither an early
// start nor a kernel that is started in the ordinary way changes that.
//
// Blocks of the next kernel are started once every block of this one has admitted it or ended. By then
// every block of this kernel runs or has run, so that those of the next take no place that one of these
// still needs, however early it is admitted. What they do take, registers and shared memory until
// this kernel has ended, another stream might have used. So a kernel admits the next one where some 2
// us of its blocks are left, twice the time from one node of a graph to the next: kernels that are
// short at once, products behind their last step or, where one thread copies, behind its last copy.
#pragma once

#ifndef CUDA_EMULATED
// Waits until the kernel before this one has ended and what it wrote can be read.
DEV void wait_for_previous_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Lets the next kernel be started; one thread of a block is enough.
DEV void admit_next_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}
#endif
