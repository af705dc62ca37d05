package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/** Archives as PyTorch writes them, for tests of what reads them. */
public final class TorchFiles {
  private TorchFiles() {}

  /**
   * Writes fp32 tensors as an archive.
   *
   * @param key the dictionary that holds them; empty for the root
   */
  public static Path write(Path path, String key, Map<String, Tensor> tensors) throws IOException {
    PickleBytes pickle = PickleBytes.begin();
    if (!key.isEmpty()) {
      pickle.ops("}(").text("step").number(7).text(key);
    }
    pickle.orderedDict().ops("(");
    int storage = 0;
    for (var entry : tensors.entrySet()) {
      long[] extents = entry.getValue().shape().extents();
      pickle.text(entry.getKey());
      pickle.tensor("" + storage++, entry.getValue().elements(), 0, extents, contiguous(extents));
    }
    pickle.ops("u");
    if (!key.isEmpty()) {
      pickle.ops("u");
    }
    ZipFileBytes zip = ZipFileBytes.create(path).stored("model/data.pkl", pickle.end());
    storage = 0;
    for (Tensor tensor : tensors.values()) {
      zip.stored("model/data/" + storage++, tensor.segment().toArray(ValueLayout.JAVA_BYTE));
    }
    return zip.end();
  }

  /** Writes an archive of one fp32 tensor of zeros, which takes no space on the disk. */
  public static Path writeHole(Path path, String name, long elements) throws IOException {
    long[] extents = {elements};
    byte[] pickle =
        PickleBytes.begin()
            .orderedDict()
            .ops("(")
            .text(name)
            .tensor("0", elements, 0, extents, contiguous(extents))
            .ops("u")
            .end();
    byte[] end = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).array();
    return ZipFileBytes.create(path)
        .stored("model/data.pkl", pickle)
        .stored("model/data/0", 4 * elements - 4, end)
        .end();
  }

  private static long[] contiguous(long[] extents) {
    long[] strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    return strides;
  }
}
