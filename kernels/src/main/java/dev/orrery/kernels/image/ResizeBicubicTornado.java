package dev.orrery.kernels.image;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One value of the result a thread. Where it lies between the pixels is computed on integers: in
 * fp32 the fraction would lose the bits that the whole needs.
 */
public final class ResizeBicubicTornado extends TornadoKernel implements ResizeBicubic {
  private static final KernelCode RESIZE = KernelCode.parallel(ResizeBicubicTornado::resize);

  private static final int TAPS = 4;

  /** The a of the cubic convolution, as PyTorch sets it. */
  private static final float SHARPNESS = -0.75f;

  public ResizeBicubicTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            RESIZE,
            count,
            new int[] {count, x.size(0), x.size(1), x.size(2), out.size(0), out.size(1)},
            NO_FLOATS,
            x,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void resize(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int rows = ints.get(3);
    int columns = ints.get(4);
    int channels = ints.get(5);
    int outRows = ints.get(6);
    int outColumns = ints.get(7);
    for (@Parallel int i = 0; i < count; i++) {
      int pixel = i / channels;
      int outRow = pixel / outColumns;
      int outColumn = pixel % outColumns;
      int top = before(outRow, rows, outRows);
      int left = before(outColumn, columns, outColumns);
      float down = behind(outRow, rows, outRows);
      float across = behind(outColumn, columns, outColumns);
      float sum = 0f;
      for (int b = 0; b < TAPS; b++) {
        int row = clamp(top - 1 + b, rows);
        float rowSum = 0f;
        for (int c = 0; c < TAPS; c++) {
          int column = clamp(left - 1 + c, columns);
          int at = xAt + (row * columns + column) * channels + i % channels;
          rowSum += weight(across, c) * x.get(at);
        }
        sum += weight(down, b) * rowSum;
      }
      out.set(outAt + i, sum);
    }
  }

  /** The last pixel before output o, which lies at ((2 o + 1) size - outSize) / (2 outSize). */
  private static int before(int o, int size, int outSize) {
    // By one period more it is not negative, so that the quotient is rounded down.
    long numerator = (2L * o + 1) * size + outSize;
    return (int) (numerator / (2L * outSize)) - 1;
  }

  /** How far behind that pixel the output lies. */
  private static float behind(int o, int size, int outSize) {
    long numerator = (2L * o + 1) * size + outSize;
    return (float) (int) (numerator % (2L * outSize)) / (2f * outSize);
  }

  private static int clamp(int pixel, int size) {
    int atLeast = pixel < 0 ? 0 : pixel;
    return atLeast < size ? atLeast : size - 1;
  }

  /** Keys's kernel for one of four pixels around a place that lies behind the second. */
  private static float weight(float behind, int tap) {
    float d = behind + 1 - tap;
    d = d < 0f ? -d : d;
    float near = ((SHARPNESS + 2f) * d - (SHARPNESS + 3f)) * d * d + 1f;
    float far = ((SHARPNESS * d - 5f * SHARPNESS) * d + 8f * SHARPNESS) * d - 4f * SHARPNESS;
    return d <= 1f ? near : far;
  }
}
