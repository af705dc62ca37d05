package dev.orrery.model.layers;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** The end of a diffusion transformer: adaptive layer norm, a linear layer, patches to latents. */
public final class OutputHead {
  private final ModulationTable modulation;
  private final AdaptiveLayerNorm norm;
  private final Linear projection;
  private final int patch;
  private final Unpatchify unpatchify;

  /**
   * @param modulation a shift and a scale
   * @param projection from a token to the values of a patch
   * @param patch rows and columns of a patch
   * @param eps added to variances under the root
   */
  public OutputHead(
      Parameters p, ModulationTable modulation, Linear projection, int patch, double eps) {
    this.modulation = modulation;
    norm = new AdaptiveLayerNorm(p, eps);
    this.projection = projection;
    this.patch = patch;
    unpatchify = p.kernel(Unpatchify.class);
  }

  /**
   * Tokens to latents.
   *
   * @param x {@code [F * S, C]}, replaced
   * @param embedding what the timesteps say, {@code [F, C]}, fp32
   * @param out {@code [F, Y, X, any]}
   */
  public void into(Tensor x, Tensor embedding, Tensor out, Workspace.Frame frame, Trace trace) {
    try (Workspace.Frame inner = frame.inner()) {
      Tensor shared = embedding.reshape(1, embedding.size(0), embedding.size(1));
      norm.into(x, modulation.forward(shared, inner).getFirst(), x);
      Tensor y = projection.forward(x, inner);
      trace.tap("head_out", y);
      unpatchify.run(y, patch, PatchOrder.CHANNEL_FASTEST, out);
    }
  }
}
