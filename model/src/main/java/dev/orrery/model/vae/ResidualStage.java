package dev.orrery.model.vae;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The residual blocks of one resolution; the first of them may change the number of channels. */
public final class ResidualStage {
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final List<String> blockNames;
  private final int outChannels;

  /** A stage of the blocks of {@code coder}, an encoder or decoder, that have these names. */
  public ResidualStage(Parameters coder, VaeStyle style, List<String> blockNames, int in, int out) {
    this.blockNames = blockNames;
    outChannels = out;
    for (String name : blockNames) {
      int from = blocks.isEmpty() ? in : out;
      blocks.add(new ResidualBlock(coder.at(name), style, from, out));
    }
  }

  /** Names of {@code count} consecutive entries of a list: {@code upsamples.4} and so on. */
  public static List<String> consecutive(String list, int first, int count) {
    return IntStream.range(first, first + count).mapToObj(i -> list + "." + i).toList();
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}, which is x when the channels stay. */
  public Tensor replace(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    if (x.size(3) != outChannels) {
      return forward(x, cache, frame, trace);
    }
    into(x, cache, x, frame, trace);
    return x;
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}. */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    Tensor out = frame.like(x, x.size(0), x.size(1), x.size(2), outChannels);
    into(x, cache, out, frame, trace);
    return out;
  }

  private void into(Tensor x, FeatureCache cache, Tensor out, Workspace.Frame frame, Trace trace) {
    for (int i = 0; i < blocks.size(); i++) {
      blocks.get(i).into(i == 0 ? x : out, cache, out, frame);
      trace.tap(blockNames.get(i), out);
    }
  }
}
