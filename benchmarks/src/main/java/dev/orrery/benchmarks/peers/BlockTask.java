package dev.orrery.benchmarks.peers;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;

/** A block as a task, which libraries of operations alone do not have. */
record BlockTask(Block block, BlockValues values) implements Task {
  static BlockTask of(Block block) {
    return new BlockTask(block, new BlockValues());
  }

  @Override
  public String name() {
    return block.name();
  }

  @Override
  public String shape() {
    return block.shape();
  }

  @Override
  public double operations() {
    PlanningBackend backend = PlanningBackend.cpu();
    try (BlockMemory memory = BlockMemory.planned(backend);
        Workspace.Frame frame = Workspace.measuring().frame()) {
      block.pass(memory).run(memory.input(Block.X, block.tokensShape()), frame);
      return backend.operations();
    }
  }

  @Override
  public List<Call> calls(Peer peer, int threads) throws Exception {
    return peer.calls(block, values, threads);
  }
}
