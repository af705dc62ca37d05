package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StridedCopyTest {
  private static final DType[] DTYPES = {DType.U8, DType.BF16, DType.F32, DType.I64};

  /** Any piece of any view, against the definition of strides, element by element. */
  @Test
  void copiesWhatStridesDefine() {
    Random random = new Random(5);
    byte[] storage = new byte[2048];
    random.nextBytes(storage);
    for (int run = 0; run < 5_000; run++) {
      DType dtype = DTYPES[random.nextInt(DTYPES.length)];
      TorchTensor tensor = view(random, dtype);
      byte[] expected = expected(tensor, storage);
      int size = dtype.byteSize();
      int from = random.nextInt(expected.length / size + 1) * size;
      int to = from + random.nextInt((expected.length - from) / size + 1) * size;
      byte[] actual = new byte[to - from];
      new StridedCopy(tensor, MemorySegment.ofArray(storage))
          .copy(from / size, MemorySegment.ofArray(actual));
      assertArrayEquals(Arrays.copyOfRange(expected, from, to), actual, () -> "" + tensor);
    }
  }

  /** At most 3 * 4 * 6 + 8 elements away from the beginning. */
  private static TorchTensor view(Random random, DType dtype) {
    long[] extents = new long[random.nextInt(5)];
    List<Long> strides = new ArrayList<>();
    long contiguous = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      extents[axis] = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(3);
      strides.addFirst(random.nextInt(3) == 0 ? random.nextInt(7) : contiguous);
      contiguous *= Math.max(extents[axis], 1);
    }
    TorchStorage storage = new TorchStorage("0", dtype, 2048 / dtype.byteSize());
    return new TorchTensor(dtype, Shape.of(extents), strides, random.nextInt(9), storage);
  }

  private static byte[] expected(TorchTensor tensor, byte[] storage) {
    int size = tensor.dtype().byteSize();
    byte[] expected = new byte[(int) tensor.byteSize()];
    for (int index = 0; index * size < expected.length; index++) {
      long element = tensor.offset();
      long rest = index;
      for (int axis = tensor.shape().rank() - 1; axis >= 0; axis--) {
        element += rest % tensor.shape().extent(axis) * tensor.strides().get(axis);
        rest /= tensor.shape().extent(axis);
      }
      System.arraycopy(storage, (int) element * size, expected, index * size, size);
    }
    return expected;
  }
}
