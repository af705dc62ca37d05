package dev.orrery.model.vae;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Halves the rows and columns, and the frames as well where so configured. The first frame of a
 * stream passes the temporal step untouched; after it, two frames become one that also sees the
 * last frame before them.
 */
public final class Downsample {
  private static final int TIME_STRIDE = 2;

  private final String name;
  private final Tensor weight;
  private final Tensor bias;
  private final CausalConv timeConv;
  private final Conv2d conv2d;
  private final Backend backend;

  /**
   * A layer of a list of layers.
   *
   * @param name its name, {@code downsamples.2}
   */
  public Downsample(Parameters list, String name, int channels, boolean temporal) {
    Parameters p = list.at(name);
    this.name = name;
    weight = p.convolution("resample.1.weight", channels, channels, 3, 3);
    bias = p.get("resample.1.bias", channels);
    timeConv = temporal ? new CausalConv(p.at("time_conv"), channels, channels, 3, 1) : null;
    conv2d = p.kernel(Conv2d.class);
    backend = p.backend();
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, C]}; with a temporal step T is 1 in the first chunk and even
   *     afterwards
   * @return {@code [T', Y/2, X/2, C]}
   */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    int frames = x.size(0);
    boolean halves = timeConv != null && frames > 1;
    Tensor out =
        frame.like(
            x, halves ? frames / TIME_STRIDE : frames, x.size(1) / 2, x.size(2) / 2, x.size(3));
    if (timeConv == null) {
      conv2d.run(x, weight, bias, 2, Conv2d.Padding.bottomRight(1), out);
    } else {
      try (Workspace.Frame inner = frame.inner()) {
        Tensor y = inner.like(x, frames, out.size(1), out.size(2), out.size(3));
        conv2d.run(x, weight, bias, 2, Conv2d.Padding.bottomRight(1), y);
        FeatureCache.History last = cache.next(1, y);
        if (last.started()) {
          timeConv.into(last.frames(), y, TIME_STRIDE, out);
        } else {
          backend.copy(y, out);
        }
        last.push(y);
      }
    }
    trace.tap(name, out);
    return out;
  }
}
