package dev.orrery.model.jafar;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.CausalAttention;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.genie.HeadProjections;
import dev.orrery.model.genie.SpatialAttention;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * One transformer block. Positions are added in front of each attention, and not kept.
 *
 * <pre>
 * x ─ (+ place in the frame) ─ LN ─ attention within the frame ─ (+ x)
 *   ─ (+ place in time) ─ LN ─ attention over time ─ (+ x)
 *   ─ LN ─ Linear, GELU ─ (+ x)
 * </pre>
 */
final class JafarBlock {
  private final AffineLayerNorm spatialNorm;
  private final SpatialAttention spatial;
  private final AffineLayerNorm temporalNorm;
  private final CausalAttention temporal;
  private final AffineLayerNorm mlpNorm;
  private final Linear mlp;
  private final Add add;

  JafarBlock(Parameters p, JafarConfig.Sizes sizes) {
    spatialNorm = norm(p, 0, sizes);
    spatial = new SpatialAttention(p, projections(p.at("MultiHeadAttention_0"), sizes));
    temporalNorm = norm(p, 1, sizes);
    temporal = new CausalAttention(p, projections(p.at("MultiHeadAttention_1"), sizes));
    mlpNorm = norm(p, 2, sizes);
    mlp = JafarTransformer.dense(p.at("Dense_0"), sizes.dim(), sizes.dim());
    add = p.kernel(Add.class);
  }

  private static AffineLayerNorm norm(Parameters p, int index, JafarConfig.Sizes sizes) {
    return JafarTransformer.norm(p.at("LayerNorm_" + index), sizes.dim());
  }

  private static HeadProjections projections(Parameters p, JafarConfig.Sizes sizes) {
    long[] channels = {sizes.dim()};
    long[] heads = {sizes.heads(), sizes.headDim()};
    return new HeadProjections(
        sizes.heads(),
        Linear.flax(p.at("query"), channels, heads),
        Linear.flax(p.at("key"), channels, heads),
        Linear.flax(p.at("value"), channels, heads),
        Linear.flax(p.at("out"), heads, channels),
        null,
        1 / Math.sqrt(sizes.headDim()));
  }

  /**
   * One pass over some frames, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param places vectors of the places in a frame, {@code [S, C]}
   * @param times vectors of the places in the window, {@code [F, C]}
   * @param first place of the first of the frames in the window
   * @param cache gets the keys and values of these frames
   */
  void forward(
      Tensor x,
      Tensor places,
      Tensor times,
      int first,
      FrameCache.Layer cache,
      Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor z = frame.like(x);
      add.run(x, places, Add.Rows.CYCLE, z);
      spatialNorm.into(z, z);
      spatial.addTo(x, z, times.size(0), frame);
      add.run(x, times, Add.Rows.EACH, z);
      temporalNorm.into(z, z);
      temporal.addTo(x, z, cache, first, frame);
      mlpNorm.into(x, z);
      add.run(x, mlp.forward(z, Activation.GELU_TANH, frame), x);
    }
  }
}
