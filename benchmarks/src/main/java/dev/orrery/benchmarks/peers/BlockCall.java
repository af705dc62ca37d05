package dev.orrery.benchmarks.peers;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.lang.foreign.ValueLayout;

/** A block of ours. */
final class BlockCall implements Call {
  private final BlockMemory memory;
  private final Workspace workspace;
  private final Block.Pass pass;
  private final Tensor input;
  private final Tensor x;

  BlockCall(Block block, BlockValues values, int threads) {
    memory = BlockMemory.of(CpuBackend.simd(threads), values);
    Workspace measuring = Workspace.measuring();
    try (BlockMemory planned = BlockMemory.planned(PlanningBackend.cpu());
        Workspace.Frame frame = measuring.frame()) {
      block.pass(planned).run(planned.input(Block.X, block.tokensShape()), frame);
    }
    workspace = Workspace.of(memory.arena(), measuring.highWater());
    pass = block.pass(memory);
    input = memory.input(Block.X, block.tokensShape());
    x = memory.arena().empty(input.dtype(), input.shape().extents());
  }

  /** Tokens are replaced, so that those of the input are copied first. */
  @Override
  public void run() {
    memory.backend().copy(input, x);
    try (Workspace.Frame frame = workspace.frame()) {
      pass.run(x, frame);
    }
  }

  @Override
  public float[] result() {
    run();
    return x.segment().toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    memory.close();
  }
}
