package dev.orrery.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.attention.AttentionInt8.Room;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionInt8CudaTest {
  /** Transformed values are rounded to 16 bits, as in {@link PropeAttentionCudaTest}. */
  private static final double CAMERAS_BF16 = 2 * CudaHarness.BF16_LIMIT;

  private static final double CAMERAS_FP16 = 2 * CudaHarness.FP16_LIMIT;

  static Room room(Inputs inputs, Tensor q, Tensor k, boolean seen) {
    return Room.of(q, k, seen, inputs::outputOf);
  }

  private record Shape(int queries, int keys, int heads, int headDim) {}

  private static KernelCase<AttentionInt8> plain(Shape shape) {
    return (attention, inputs) -> {
      Tensor q = inputs.activation(1, shape.queries(), shape.heads(), shape.headDim());
      Tensor k = inputs.activation(2, shape.keys(), shape.heads(), shape.headDim());
      Tensor v = inputs.activation(3, shape.keys(), shape.heads(), shape.headDim());
      Tensor out = inputs.output(shape.queries(), shape.heads(), shape.headDim());
      double scale = 1 / Math.sqrt(shape.headDim());
      attention.run(q, k, v, null, scale, room(inputs, q, k, false), out);
      return out;
    };
  }

  /**
   * Both kernels on tensor cores, with whole and padded heads, one query and one key, tiles and
   * blocks that end early, and so many tiles of keys that every buffer is filled twice.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 128, F16",
    "130, 200, 2, 128, BF16",
    "65, 530, 1, 128, F16",
    "66, 530, 2, 64, BF16",
    "3, 129, 2, 16, F16",
    "33, 128, 1, 48, BF16",
    "20, 150, 2, 96, F16",
    "9, 64, 1, 112, BF16"
  })
  void agreesWithTheReference(int queries, int keys, int heads, int headDim, DType dtype) {
    Shape shape = new Shape(queries, keys, heads, headDim);
    CudaHarness.agree(AttentionInt8.class, dtype, plain(shape));
  }

  private static KernelCase<AttentionInt8> seen(
      Shape shape, int queryFrames, int keyFrames, int plain) {
    return (attention, inputs) -> {
      Tensor q = inputs.activation(1, shape.queries(), shape.heads(), shape.headDim());
      Tensor k = inputs.activation(2, shape.keys(), shape.heads(), shape.headDim());
      Tensor v = inputs.activation(3, shape.keys(), shape.heads(), shape.headDim());
      Tensor out = inputs.output(shape.queries(), shape.heads(), shape.headDim());
      float[] to = CameraMatrices.random(4, queryFrames, null).imageFromWorld();
      float[] from = CameraMatrices.random(5, keyFrames, null).worldFromImage();
      Cameras cameras =
          new Cameras(
              inputs.moved(Tensor.of(to, queryFrames, 4, 4)),
              inputs.moved(Tensor.of(from, keyFrames, 4, 4)),
              plain);
      double scale = 1 / Math.sqrt(shape.headDim());
      attention.run(q, k, v, cameras, scale, room(inputs, q, k, true), out);
      return out;
    };
  }

  /** Frames and plain keys that end within tiles and blocks, and with them. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 128, 1, 1, 0, F16",
    "66, 530, 1, 128, 3, 4, 170, F16",
    "135, 330, 2, 128, 3, 11, 0, BF16",
    "65, 537, 1, 64, 5, 10, 7, BF16",
    "12, 132, 2, 48, 3, 4, 128, F16"
  })
  void agreesWithTheReferenceWithCameras(
      int queries,
      int keys,
      int heads,
      int headDim,
      int queryFrames,
      int keyFrames,
      int plain,
      DType dtype) {
    Shape shape = new Shape(queries, keys, heads, headDim);
    double limit = dtype == DType.F16 ? CAMERAS_FP16 : CAMERAS_BF16;
    CudaHarness.agree(
        AttentionInt8.class, dtype, limit, seen(shape, queryFrames, keyFrames, plain));
  }

  /** What is left in the room: the int8 values and scales of the reference, to the bit. */
  @ParameterizedTest
  @CsvSource({"0, BF16", "1, BF16", "2, F16", "3, F16"})
  void quantisesToTheSameBits(int part, DType dtype) {
    CudaHarness.same(
        AttentionInt8.class,
        dtype,
        (attention, inputs) -> {
          Tensor q = inputs.activation(1, 131, 2, 48);
          Tensor k = inputs.activation(2, 300, 2, 48);
          Room room = room(inputs, q, k, false);
          attention.run(q, k, k, null, 0.2, room, inputs.output(131, 2, 48));
          Tensor[] parts = {room.queries(), room.queryScales(), room.keys(), room.keyScales()};
          return parts[part];
        });
  }

  /** Queries and keys of zeros, whose scales are zero. */
  @ParameterizedTest
  @CsvSource({"BF16, 128", "F16, 64"})
  void zerosGiveTheMeanOfTheValues(DType dtype, int headDim) {
    CudaHarness.agree(
        AttentionInt8.class,
        dtype,
        (attention, inputs) -> {
          Tensor q = inputs.values(new float[3 * headDim], 3, 1, headDim);
          Tensor k = inputs.values(new float[150 * headDim], 150, 1, headDim);
          Tensor out = inputs.output(3, 1, headDim);
          Tensor v = inputs.activation(3, 150, 1, headDim);
          attention.run(q, k, v, null, 0.2, room(inputs, q, k, false), out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"80, BF16, 64", "90, BF16, 128", "80, F16, 48"})
  void queryHasTheSameBitsAloneAndAmongOthers(int capability, DType dtype, int headDim) {
    float[] all = rows(capability, dtype, headDim, 0, 140);
    for (int row : new int[] {0, 63, 139}) {
      float[] one = rows(capability, dtype, headDim, row, row + 1);
      assertArrayEquals(Arrays.copyOfRange(all, row * headDim, (row + 1) * headDim), one);
    }
  }

  private static float[] rows(int capability, DType dtype, int headDim, int from, int to) {
    return CudaHarness.onGpu(
        AttentionInt8.class,
        dtype,
        capability,
        (attention, inputs) -> {
          Tensor q = inputs.activation(1, 140, 1, headDim).slice(from, to);
          Tensor k = inputs.activation(2, 157, 1, headDim);
          Tensor out = inputs.output(to - from, 1, headDim);
          attention.run(q, k, k, null, 0.2, room(inputs, q, k, false), out);
          return out;
        });
  }

  @Test
  void takesActivationsOf16Bits() {
    AttentionInt8 attention = CudaTestDevice.open(80).kernel(AttentionInt8.class);
    assertFalse(attention.accepts(DType.F32));
  }
}
