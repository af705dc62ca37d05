package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The space-time transformer that all parts of jafar are made of.
 *
 * <pre>
 * x [F * S, in] ─ LN ─ Linear ─ LN ─ blocks ─ Linear, fp32 ─ [F * S, out]
 * </pre>
 *
 * <p>Time is causal, so that the frames before those of a pass are there as keys and values. The
 * last layer is computed in fp32 everywhere: which of two logits is larger is a decision.
 *
 * <p>Source: {@code STTransformer} of jafar's {@code utils/nn.py}, in the names of Flax.
 */
final class JafarTransformer {
  private static final double EPS = 1e-6;
  private static final double LONGEST = 10000;

  private final JafarConfig.Sizes sizes;
  private final int tokens;
  private final DType activations;
  private final AffineLayerNorm inputNorm;
  private final Linear input;
  private final AffineLayerNorm embeddedNorm;
  private final List<JafarBlock> blocks = new ArrayList<>();
  private final Linear output;
  private final Tensor places;
  private final Tensor times;
  private final Convert convert;

  /**
   * @param in channels that go in
   * @param out channels that come out
   * @param tokens S, the tokens of a frame
   * @param frames of a window
   */
  JafarTransformer(Parameters p, JafarConfig.Sizes sizes, int in, int out, int tokens, int frames) {
    this.sizes = sizes;
    this.tokens = tokens;
    activations = p.activations();
    // A checkpoint has the first three layers by themselves or as a sequence.
    boolean sequence = p.has("Sequential_0.layers_0.scale");
    inputNorm = norm(p.at(sequence ? "Sequential_0.layers_0" : "LayerNorm_0"), in);
    input = dense(p.at(sequence ? "Sequential_0.layers_1" : "Dense_0"), in, sizes.dim());
    embeddedNorm = norm(p.at(sequence ? "Sequential_0.layers_2" : "LayerNorm_1"), sizes.dim());
    for (int i = 0; i < sizes.layers(); i++) {
      blocks.add(new JafarBlock(p.at("STBlock_" + i), sizes));
    }
    output = dense(p.at(sequence ? "Dense_0" : "Dense_1").beside(DType.F32), sizes.dim(), out);
    places = positions(p, tokens);
    times = positions(p, frames);
    convert = p.kernel(Convert.class);
  }

  static AffineLayerNorm norm(Parameters p, int dim) {
    return new AffineLayerNorm(p, "scale", dim, EPS);
  }

  static Linear dense(Parameters p, int in, int out) {
    return Linear.flax(p, new long[] {in}, new long[] {out});
  }

  /** Sines in even channels, cosines in odd ones: {@code [count, C]}. */
  private Tensor positions(Parameters p, int count) {
    int dim = sizes.dim();
    float[] table = new float[count * dim];
    for (int position = 0; position < count; position++) {
      for (int i = 0; i < dim; i += 2) {
        double angle = position * Math.exp(-Math.log(LONGEST) * i / dim);
        table[position * dim + i] = (float) Math.sin(angle);
        table[position * dim + i + 1] = (float) Math.cos(angle);
      }
    }
    return p.constantLikeActivations(table, count, dim);
  }

  /**
   * Room for the keys and values of some frames.
   *
   * @param arena owner of the memory
   */
  FrameCache newCache(int frames, TensorArena arena) {
    return new FrameCache(
        arena, activations, sizes.layers(), frames, tokens, sizes.heads(), sizes.headDim());
  }

  /**
   * One pass over some frames.
   *
   * @param x {@code [F * S, in]}
   * @param first place of the first of them in the window
   * @param cache has the keys and values of the frames before; gets those of these frames
   * @param activation of what comes out
   * @param out of the last frames, as many as there is room for, {@code [n * S, out]}, fp32
   */
  void forward(
      Tensor x,
      int first,
      FrameCache cache,
      Activation activation,
      Workspace.Frame outer,
      Tensor out,
      Trace trace) {
    int frames = x.size(0) / tokens;
    try (Workspace.Frame frame = outer.inner()) {
      Tensor z = input.forward(inputNorm.forward(x, frame), frame);
      embeddedNorm.into(z, z);
      trace.tap("in", z);
      Tensor when = times.slice(first, first + frames);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(z, places, when, first, cache.layer(i), frame);
        trace.tap("block" + i, z);
      }
      int rows = z.size(0);
      Tensor last = frame.empty(DType.F32, out.size(0), sizes.dim());
      convert.run(z.slice(rows - out.size(0), rows), last);
      output.into(last, activation, out, frame);
    }
  }
}
