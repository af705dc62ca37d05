package dev.orrery.model.vae;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/** The residual blocks of one resolution; the first of them may change the number of channels. */
final class ResidualStage {
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final int outChannels;

  /**
   * A stage of consecutive layers of a list.
   *
   * @param list name of the list, {@code upsamples}
   * @param firstLayer index of the first block in the list
   */
  ResidualStage(Parameters p, String list, int firstLayer, int count, int in, int out) {
    outChannels = out;
    for (int i = 0; i < count; i++) {
      String name = list + "." + (firstLayer + i);
      names.add(name);
      blocks.add(new ResidualBlock(p.at(name), i == 0 ? in : out, out));
    }
  }

  /**
   * Runs all blocks.
   *
   * @param x {@code [T, Y, X, in]}; replaced when the channels do not change
   * @param frame where the result lies otherwise
   * @return {@code [T, Y, X, out]}
   */
  Tensor forward(
      Tensor x, FeatureCache cache, Workspace workspace, Workspace.Frame frame, Trace trace) {
    boolean inPlace = x.size(3) == outChannels;
    Tensor y = inPlace ? x : frame.like(x, x.size(0), x.size(1), x.size(2), outChannels);
    for (int i = 0; i < blocks.size(); i++) {
      blocks.get(i).forward(i == 0 ? x : y, cache, workspace, y);
      trace.tap(names.get(i), y);
    }
    return y;
  }
}
