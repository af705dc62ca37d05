package dev.orrery.model.layers;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;

/** Images or latents to tokens: square patches, each through a linear layer. */
public final class PatchEmbedding {
  private final Linear projection;
  private final int patch;
  private final DType activations;
  private final Patchify patchify;

  /**
   * An embedding from the weight {@code [C, channels, ..., patch, patch]} of a convolution.
   *
   * @param bias whether there is a {@code bias [C]}
   */
  public PatchEmbedding(Parameters p, boolean bias, long... extents) {
    projection = Linear.patches(p, bias, extents);
    patch = (int) extents[extents.length - 1];
    activations = p.activations();
    patchify = p.kernel(Patchify.class);
  }

  /** Parts {@code [F, Y, X, any]}, whose channels are joined, to tokens {@code [F * S, C]}. */
  public Tensor forward(List<Tensor> parts, Workspace.Frame frame) {
    Tensor first = parts.getFirst();
    long tokens = (long) first.size(0) * (first.size(1) / patch) * (first.size(2) / patch);
    Tensor out = frame.empty(activations, tokens, projection.outChannels());
    into(parts, out, frame);
    return out;
  }

  /** Parts {@code [F, Y, X, any]}, whose channels are joined, to tokens {@code [F * S, C]}. */
  public void into(List<Tensor> parts, Tensor out, Workspace.Frame frame) {
    long values = parts.stream().mapToLong(part -> (long) part.size(3) * patch * patch).sum();
    try (Workspace.Frame inner = frame.inner()) {
      Tensor patches = inner.like(out, out.size(0), values);
      int column = 0;
      for (Tensor part : parts) {
        patchify.run(part, patch, PatchOrder.CHANNEL_SLOWEST, column, patches);
        column += part.size(3) * patch * patch;
      }
      projection.into(patches, out, inner);
    }
  }
}
