package dev.orrery.model.vae22;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;

/**
 * Squares of 2 x 2 pixels as channels, which is what encoder and decoder begin and end with. The
 * checkpoint counts the values of a square by colour, column, row; {@link
 * dev.orrery.kernels.layout.Patchify} by colour, row, column; {@link
 * dev.orrery.kernels.layout.Unpatchify} by row, column, colour. So that no pass over the pixels is
 * spent on it, the weights of the convolutions beside them are brought into these orders.
 */
final class PackedPixels {
  /** Rows and columns of a square. */
  static final int SIDE = 2;

  /** Colours of a pixel. */
  static final int COLOURS = 3;

  /** Values of a square. */
  static final int CHANNELS = COLOURS * SIDE * SIDE;

  /** Frames, rows and columns of the convolutions. */
  private static final int TAPS = 3;

  private PackedPixels() {}

  /** The checkpoint's channel for each value of a square as Patchify counts them. */
  static int[] patchifyOrder() {
    int[] order = new int[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      order[i] = stored(i / (SIDE * SIDE), i / SIDE % SIDE, i % SIDE);
    }
    return order;
  }

  /** The checkpoint's channel for each value of a square as Unpatchify counts them. */
  static int[] unpatchifyOrder() {
    int[] order = new int[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      order[i] = stored(i % COLOURS, i / COLOURS / SIDE, i / COLOURS % SIDE);
    }
    return order;
  }

  private static int stored(int colour, int row, int column) {
    return (colour * SIDE + column) * SIDE + row;
  }

  /** The convolution from patchified squares to {@code out} channels. */
  static CausalConv firstConv(Parameters p, int out) {
    Tensor stored = p.get("weight", out, CHANNELS, TAPS, TAPS, TAPS);
    Tensor byInput = stored.reshape((long) out * CHANNELS, TAPS * TAPS * TAPS);
    Tensor weight = p.reordered(byInput, patchifyOrder()).reshape(out, CHANNELS, TAPS, TAPS, TAPS);
    return new CausalConv(p, p.convolution(weight), p.get("bias", out));
  }

  /** The convolution from {@code in} channels to squares for Unpatchify. */
  static CausalConv lastConv(Parameters p, int in) {
    Tensor weight = p.reordered(p.get("weight", CHANNELS, in, TAPS, TAPS, TAPS), unpatchifyOrder());
    Tensor bias = p.reordered(p.get("bias", CHANNELS), unpatchifyOrder());
    return new CausalConv(p, p.convolution(weight), bias);
  }
}
