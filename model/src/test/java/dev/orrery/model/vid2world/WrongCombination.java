package dev.orrery.model.vid2world;

import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Random;

/**
 * What the sampler does to latents: noise for the past, guidance in place, and steps; one of them
 * with a mistake.
 */
abstract class WrongCombination implements LinearCombination {
  private final LinearCombination right;

  private WrongCombination(LinearCombination right) {
    this.right = right;
  }

  @Override
  public final void launch(double a, Tensor x, double b, Tensor y, Tensor out) {
    if (out == x) {
      guide(a, x, b, y);
    } else {
      noise(a, x, b, y, out);
    }
  }

  void noise(double signal, Tensor clean, double noise, Tensor drawn, Tensor out) {
    right.launch(signal, clean, noise, drawn, out);
  }

  void guide(double share, Tensor acting, double rest, Tensor idle) {
    right.launch(share, acting, rest, idle, acting);
  }

  /** A step. */
  @Override
  public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    right.launch(a, x, b, y, c, z, out);
  }

  /** The past has no noise. */
  static final class Clean extends WrongCombination {
    Clean(LinearCombination right) {
      super(right);
    }

    @Override
    void noise(double signal, Tensor clean, double noise, Tensor drawn, Tensor out) {
      super.noise(1, clean, 0, drawn, out);
    }
  }

  /** The past gets other noise at every step. */
  static final class NoisedAgain extends WrongCombination {
    private final Random random = new Random(17);
    private Runnable again;

    NoisedAgain(LinearCombination right) {
      super(right);
    }

    @Override
    void noise(double signal, Tensor clean, double noise, Tensor drawn, Tensor out) {
      super.noise(signal, clean, noise, drawn, out);
      if (clean.size(0) > 1) {
        again = () -> super.noise(signal, clean, noise, other(drawn), out);
      }
    }

    private Tensor other(Tensor drawn) {
      float[] values = new float[Math.toIntExact(drawn.elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return Tensor.of(values, drawn.shape().extents());
    }

    @Override
    public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
      super.launch(a, x, b, y, c, z, out);
      again.run();
    }
  }

  /** All frames of the past keep what they got at once. */
  static final class NoisedTogether extends WrongCombination {
    NoisedTogether(LinearCombination right) {
      super(right);
    }

    @Override
    void noise(double signal, Tensor clean, double noise, Tensor drawn, Tensor out) {
      if (clean.size(0) > 1) {
        super.noise(signal, clean, noise, drawn, out);
      }
    }
  }

  /** The share of the signal behind the last step is 1, not that of level 0. */
  static final class NoNoiseInTheEnd extends WrongCombination {
    private int left;
    private final double share;

    NoNoiseInTheEnd(LinearCombination right, Vid2WorldSampling sampling) {
      super(right);
      left = sampling.steps();
      share = new ZeroSnrSchedule().alphaBar(ZeroSnrSchedule.timesteps(left)[left - 1]);
    }

    @Override
    public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
      left--;
      if (left > 0) {
        super.launch(a, x, b, y, c, z, out);
      } else {
        super.launch(Math.sqrt(share), x, -Math.sqrt(1 - share), y, 0, z, out);
      }
    }
  }

  /** The past is scaled as what is made is at its level. */
  static final class Scaled extends WrongCombination {
    private final double scale;

    Scaled(LinearCombination right, Vid2WorldSampling sampling) {
      super(right);
      int level = sampling.historyTimestep();
      scale = 1 - 0.3 * Math.min(level, 399) / 399;
    }

    @Override
    void noise(double signal, Tensor clean, double noise, Tensor drawn, Tensor out) {
      super.noise(signal * scale, clean, noise, drawn, out);
    }
  }

  /** Guidance has shares of the two velocities that are 1 together. */
  static final class NotRescaled extends WrongCombination {
    NotRescaled(LinearCombination right) {
      super(right);
    }

    @Override
    void guide(double share, Tensor acting, double rest, Tensor idle) {
      double factor = share + rest;
      super.guide(share / factor, acting, rest / factor, idle);
    }
  }
}
