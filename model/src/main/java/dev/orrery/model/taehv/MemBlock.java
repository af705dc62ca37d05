package dev.orrery.model.taehv;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Three convolutions of a frame and the one before it, beside the frame itself.
 *
 * <pre>
 * x ─ concat(x, x of the frame before) ─ conv, ReLU ─ conv, ReLU ─ conv ─ (+) ─ ReLU ─ x
 *   └───────────────────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>In front of the first frame of a stream stands a frame of zeros.
 */
final class MemBlock {
  private final AppendColumns append;
  private final PaddedConv conv0;
  private final PaddedConv conv2;
  private final PaddedConv conv4;
  private final Relu relu;
  private final Add add;

  MemBlock(Parameters p, int channels) {
    append = p.kernel(AppendColumns.class);
    conv0 = PaddedConv.of(p.at("conv.0"), 2 * channels, channels);
    conv2 = PaddedConv.of(p.at("conv.2"), channels, channels);
    conv4 = PaddedConv.of(p.at("conv.4"), channels, channels);
    relu = p.kernel(Relu.class);
    add = p.kernel(Add.class);
  }

  /** {@code x [T, Y, X, C]}, replaced. */
  void forward(Tensor x, FeatureCache cache, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor both = frame.like(x, x.size(0), x.size(1), x.size(2), 2L * x.size(3));
      FeatureCache.History past = cache.next(1, x);
      for (int t = 0; t < x.size(0); t++) {
        Tensor before = t == 0 ? past.frames().row(0) : x.row(t - 1);
        append.run(pixels(x.row(t)), pixels(before), pixels(both.row(t)));
      }
      past.push(x);
      Tensor h = conv0.forward(both, frame);
      relu.run(h, h);
      Tensor y = conv2.forward(h, frame);
      relu.run(y, y);
      conv4.into(y, h);
      add.run(h, x, x);
      relu.run(x, x);
    }
  }

  private static Tensor pixels(Tensor picture) {
    return picture.reshape((long) picture.size(0) * picture.size(1), picture.size(2));
  }
}
