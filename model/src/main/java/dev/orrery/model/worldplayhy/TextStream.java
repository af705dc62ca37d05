package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The text stream of the transformer, which the video never influences: it runs once for a prompt
 * and leaves keys and values in every block.
 *
 * <p>Half of the transformer's weights are for this alone. They are brought to the backend block by
 * block from the checkpoint, and given back at once.
 */
final class TextStream {
  private final int dim;
  private final DType activations;
  private final TimestepMlp time;
  private final Silu silu;
  private final MomentaryPart<PromptEmbedding> embedding;
  private final List<MomentaryPart<TextBlock>> blocks = new ArrayList<>();

  /**
   * @param p at the root of the transformer
   * @param time what makes vectors of timesteps, which both streams share
   */
  TextStream(Parameters p, TimestepMlp time, WorldPlayHyTransformerConfig config) {
    this.time = time;
    dim = config.dim();
    activations = p.activations();
    silu = p.kernel(Silu.class);
    embedding = new MomentaryPart<>(p, part -> new PromptEmbedding(part, config));
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(
          new MomentaryPart<>(p.at("double_blocks." + i), part -> new TextBlock(part, config)));
    }
  }

  /**
   * Runs the stream.
   *
   * @param resources memory for the time of the call
   * @param out gets keys and values of all blocks
   * @throws IllegalArgumentException if there are more tokens than it has room for
   */
  void remember(PromptStates states, StartResources resources, TextMemory out, Trace trace) {
    out.begin(states.tokens());
    // What an arena gives out is zero, and so is the timestep of the text.
    Tensor timestep = resources.arena().empty(DType.F32, 1);
    Tensor x = resources.arena().empty(activations, states.tokens(), dim);
    embedding.run(
        resources, layers -> layers.into(states, timestep, x, resources.workspace(), trace));
    try (Workspace.Frame frame = resources.workspace().frame()) {
      Tensor activated = time.forward(timestep, frame);
      silu.run(activated, activated);
      for (int i = 0; i < blocks.size(); i++) {
        int index = i;
        boolean last = i == blocks.size() - 1;
        blocks
            .get(i)
            .run(
                resources,
                block ->
                    block.forward(
                        x,
                        activated,
                        out.block(index),
                        last,
                        resources.workspace(),
                        trace.at("block" + index)));
      }
    }
  }
}
