package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.List;

/**
 * A tensor of a PyTorch archive: a view of a storage. It holds no data; {@link TorchArchive#read}
 * gives them.
 *
 * @param dtype its element type
 * @param shape its extents
 * @param strides elements from one entry of an axis to the next, one for each axis; never negative,
 *     zero where an axis was expanded
 * @param offset elements of the storage before the first one, in elements of this tensor
 * @param storage where its elements are; all of them lie inside
 */
public record TorchTensor(
    DType dtype, Shape shape, List<Long> strides, long offset, TorchStorage storage)
    implements TorchValue {
  /** Copies the strides. */
  public TorchTensor {
    strides = List.copyOf(strides);
  }

  /** Bytes of its elements when they are contiguous. */
  public long byteSize() {
    return Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
  }
}
