package dev.orrery.model.vid2world;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Two convolutions of every frame beside the input, told of the frame's embedding in between, and
 * then convolutions over time.
 *
 * <pre>
 * x ─ GN, SiLU ─ conv ─ (+ Linear(embedding)) ─ GN, SiLU ─ conv ─ (+) ─ TemporalConv ─ out
 *   └ 1x1, if the channels change ──────────────────────────────────┘
 * </pre>
 */
final class UnetResBlock implements UnetLayer {
  private static final double EPS = 1e-5;

  private final int outChannels;
  private final AffineGroupNorm norm1;
  private final PaddedConv conv1;
  private final Linear embedding;
  private final AffineGroupNorm norm2;
  private final PaddedConv conv2;

  /** Null where the channels stay. */
  private final Linear skip;

  private final TemporalConv temporal;
  private final Add add;

  UnetResBlock(Parameters p, int in, int out, int embeddingDim) {
    outChannels = out;
    norm1 = norm(p.at("in_layers.0"), in);
    conv1 = PaddedConv.of(p.at("in_layers.2"), in, out);
    embedding = Linear.of(p.at("emb_layers.1"), embeddingDim, out);
    norm2 = norm(p.at("out_layers.0"), out);
    conv2 = PaddedConv.of(p.at("out_layers.3"), out, out);
    skip = in == out ? null : Linear.pointwise(p.at("skip_connection"), in, out, 2);
    temporal = new TemporalConv(p.at("temopral_conv"), out);
    add = p.kernel(Add.class);
  }

  static AffineGroupNorm norm(Parameters p, int channels) {
    return new AffineGroupNorm(p, channels, UnetConfig.GROUPS, EPS, Activation.SILU);
  }

  @Override
  public Tensor forward(Tensor x, UnetPass pass, Workspace.Frame outer) {
    Tensor out = outer.like(x, x.size(0), x.size(1), x.size(2), outChannels);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor hidden = conv1.forward(norm1.forward(x, frame), frame);
      Tensor told = embedding.forward(pass.embedding(), frame);
      add.run(UnetLayer.tokens(hidden), told, Add.Rows.EACH, UnetLayer.tokens(hidden));
      norm2.into(hidden, hidden);
      conv2.into(hidden, out);
      if (skip == null) {
        add.run(out, x, out);
      } else {
        skip.addTo(UnetLayer.tokens(out), null, UnetLayer.tokens(x), frame);
      }
    }
    return temporal.forward(out, pass, outer);
  }
}
