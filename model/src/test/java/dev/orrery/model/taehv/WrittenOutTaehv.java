package dev.orrery.model.taehv;

import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * The decoder once more, as its layers are listed and without anything of ours: frames {@code
 * [channel][row][column]} of double precision, which pass layer by layer.
 */
final class WrittenOutTaehv {
  /** Where a value of a square goes. */
  @FunctionalInterface
  interface Square {
    /** The channel that has the value. */
    int channel(int colour, int row, int column);
  }

  private final Map<String, Tensor> weights;

  WrittenOutTaehv(Map<String, Tensor> weights) {
    this.weights = weights;
  }

  /** Frames of pixels of frames of latents. */
  List<double[][][]> decode(List<double[][][]> latents, int patch, Square square) {
    List<double[][][]> x = each(latents, z -> map(z, value -> 3 * Math.tanh(value / 3)));
    x = each(each(x, z -> conv(z, "decoder.1")), WrittenOutTaehv::relu);
    int layer = 3;
    for (int frames : new int[] {1, 2, 2}) {
      for (int block = 0; block < 3; block++) {
        x = memBlock(x, "decoder." + layer++ + ".conv.");
      }
      x = each(x, WrittenOutTaehv::doubled);
      String grow = "decoder." + (layer + 1) + ".conv";
      x = x.stream().flatMap(z -> split(conv(z, grow), frames).stream()).toList();
      String conv = "decoder." + (layer + 2);
      x = each(x, z -> conv(z, conv));
      layer += 3;
    }
    String last = "decoder." + (layer + 1);
    return each(x, z -> shuffled(conv(relu(z), last), patch, square));
  }

  private static List<double[][][]> each(
      List<double[][][]> frames, UnaryOperator<double[][][]> layer) {
    return frames.stream().map(layer).toList();
  }

  private List<double[][][]> memBlock(List<double[][][]> frames, String name) {
    List<double[][][]> out = new ArrayList<>();
    double[][][] past = map(frames.getFirst(), value -> 0);
    for (double[][][] frame : frames) {
      double[][][] both = new double[2 * frame.length][][];
      System.arraycopy(frame, 0, both, 0, frame.length);
      System.arraycopy(past, 0, both, frame.length, frame.length);
      double[][][] h = relu(conv(both, name + "0"));
      h = conv(relu(conv(h, name + "2")), name + "4");
      for (int c = 0; c < h.length; c++) {
        for (int y = 0; y < h[c].length; y++) {
          for (int x = 0; x < h[c][y].length; x++) {
            h[c][y][x] += frame[c][y][x];
          }
        }
      }
      out.add(relu(h));
      past = frame;
    }
    return out;
  }

  /** A convolution of the extents of its weight, with zeros around the frame. */
  private double[][][] conv(double[][][] in, String name) {
    Tensor stored = weights.get(name + ".weight");
    float[] weight = stored.toFloats();
    float[] bias =
        weights.containsKey(name + ".bias") ? weights.get(name + ".bias").toFloats() : null;
    int side = stored.size(2);
    int rows = in[0].length;
    int columns = in[0][0].length;
    double[][][] out = new double[stored.size(0)][rows][columns];
    for (int o = 0; o < out.length; o++) {
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          double sum = bias == null ? 0 : bias[o];
          for (int c = 0; c < in.length; c++) {
            for (int tap = 0; tap < side * side; tap++) {
              int row = y + tap / side - side / 2;
              int column = x + tap % side - side / 2;
              if (row >= 0 && row < rows && column >= 0 && column < columns) {
                sum += weight[(o * in.length + c) * side * side + tap] * in[c][row][column];
              }
            }
          }
          out[o][y][x] = sum;
        }
      }
    }
    return out;
  }

  private static double[][][] relu(double[][][] in) {
    return map(in, value -> Math.max(0, value));
  }

  private static double[][][] map(double[][][] in, DoubleUnaryOperator function) {
    double[][][] out = new double[in.length][in[0].length][in[0][0].length];
    for (int c = 0; c < in.length; c++) {
      for (int y = 0; y < in[c].length; y++) {
        for (int x = 0; x < in[c][y].length; x++) {
          out[c][y][x] = function.applyAsDouble(in[c][y][x]);
        }
      }
    }
    return out;
  }

  /** Every pixel four times. */
  private static double[][][] doubled(double[][][] in) {
    double[][][] out = new double[in.length][2 * in[0].length][2 * in[0][0].length];
    for (int c = 0; c < out.length; c++) {
      for (int y = 0; y < out[c].length; y++) {
        for (int x = 0; x < out[c][y].length; x++) {
          out[c][y][x] = in[c][y / 2][x / 2];
        }
      }
    }
    return out;
  }

  /** Parts of the channels as successive frames. */
  private static List<double[][][]> split(double[][][] in, int frames) {
    List<double[][][]> out = new ArrayList<>();
    int channels = in.length / frames;
    for (int frame = 0; frame < frames; frame++) {
      double[][][] part = new double[channels][][];
      System.arraycopy(in, frame * channels, part, 0, channels);
      out.add(part);
    }
    return out;
  }

  private static double[][][] shuffled(double[][][] in, int patch, Square square) {
    double[][][] out = new double[3][patch * in[0].length][patch * in[0][0].length];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < out[c].length; y++) {
        for (int x = 0; x < out[c][y].length; x++) {
          out[c][y][x] = in[square.channel(c, y % patch, x % patch)][y / patch][x / patch];
        }
      }
    }
    return out;
  }
}
