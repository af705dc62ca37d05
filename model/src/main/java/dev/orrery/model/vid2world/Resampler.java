package dev.orrery.model.vid2world;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * From the tokens of an image to those that the U-Net attends to: learned queries that look at the
 * image, and at each other.
 *
 * <pre>
 * image [T, I] ─ proj_in ─ x
 * queries [N, D] ─ q += attention(LN(q); LN(x), LN(q));  q += MLP(LN(q))   in every layer
 *                ─ proj_out ─ LN ─ context [N, C]
 * </pre>
 *
 * <p>Source: {@code Resampler} of DynamiCrafter's {@code resampler.py}.
 */
final class Resampler {
  private static final double EPS = 1e-5;
  private static final int EXPANSION = 4;

  /** A layer; its linear layers have no biases. */
  private record Layer(
      AffineLayerNorm imageNorm,
      AffineLayerNorm queryNorm,
      Linear q,
      Linear k,
      Linear v,
      Linear out,
      AffineLayerNorm mlpNorm,
      FeedForward mlp) {
    static Layer of(Parameters p, ResamplerConfig config) {
      int dim = config.dim();
      int inner = config.heads() * config.headDim();
      Linear both = Linear.withoutBias(p.at("0.to_kv"), dim, 2 * inner);
      return new Layer(
          new AffineLayerNorm(p.at("0.norm1"), dim, EPS),
          new AffineLayerNorm(p.at("0.norm2"), dim, EPS),
          Linear.withoutBias(p.at("0.to_q"), dim, inner),
          both.outputs(0, inner),
          both.outputs(inner, 2 * inner),
          Linear.withoutBias(p.at("0.to_out"), inner, dim),
          new AffineLayerNorm(p.at("1.0"), dim, EPS),
          new FeedForward(
              Linear.withoutBias(p.at("1.1"), dim, EXPANSION * dim),
              Activation.GELU_ERF,
              Linear.withoutBias(p.at("1.3"), EXPANSION * dim, dim)));
    }
  }

  private final ResamplerConfig config;
  private final Backend backend;
  private final Tensor queries;
  private final Linear projIn;
  private final List<Layer> layers = new ArrayList<>();
  private final Linear projOut;
  private final AffineLayerNorm normOut;
  private final Attention attention;

  Resampler(Parameters p, ResamplerConfig config) {
    this.config = config;
    backend = p.backend();
    int dim = config.dim();
    queries = p.likeActivations("latents", 1, config.tokens(), dim).reshape(config.tokens(), dim);
    projIn = Linear.of(p.at("proj_in"), config.imageDim(), dim);
    for (int i = 0; i < config.depth(); i++) {
      layers.add(Layer.of(p.at("layers." + i), config));
    }
    projOut = Linear.of(p.at("proj_out"), dim, config.contextDim());
    normOut = new AffineLayerNorm(p.at("norm_out"), config.contextDim(), EPS);
    attention = p.kernel(Attention.class);
  }

  ResamplerConfig config() {
    return config;
  }

  /**
   * Resamples the tokens of an image.
   *
   * @param image {@code [T, I]}
   * @param context {@code [N, C]}
   */
  void forward(Tensor image, Workspace.Frame outer, Tensor context, Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor x = projIn.forward(image, frame);
      trace.tap("proj_in", x);
      Tensor latents = frame.like(queries);
      backend.copy(queries, latents);
      for (int i = 0; i < layers.size(); i++) {
        layer(layers.get(i), latents, x, frame, trace.at("layer" + i));
      }
      projOut.into(latents, context, frame);
      normOut.into(context, context);
    }
  }

  private void layer(Layer layer, Tensor latents, Tensor x, Workspace.Frame outer, Trace trace) {
    int tokens = x.size(0);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor seen = frame.like(x, tokens + latents.size(0), x.size(1));
      layer.imageNorm().into(x, seen.slice(0, tokens));
      Tensor normed = seen.slice(tokens, seen.size(0));
      layer.queryNorm().into(latents, normed);
      LinearInput input = LinearInput.of(seen, frame);
      Tensor q = layer.q().forward(normed, frame);
      Tensor attended = frame.like(q);
      attention.run(
          byHead(q),
          byHead(layer.k().forward(input)),
          byHead(layer.v().forward(input)),
          1 / Math.sqrt(config.headDim()),
          byHead(attended));
      trace.tap("before_attention", latents);
      layer.out().addTo(latents, null, attended, frame);
      trace.tap("after_attention", latents);
      layer.mlpNorm().into(latents, normed);
      layer.mlp().addTo(latents, null, normed, frame);
    }
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), config.heads(), config.headDim());
  }
}
