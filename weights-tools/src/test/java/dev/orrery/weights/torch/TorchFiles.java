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
    stateDict(pickle, tensors);
    return write(path, pickle.ops(key.isEmpty() ? "" : "u"), tensors);
  }

  /**
   * Writes fp32 tensors as the {@code state_dict} of a checkpoint of PyTorch Lightning, among
   * objects of its own classes and those of a configuration.
   */
  public static Path writeLightning(Path path, Map<String, Tensor> tensors) throws IOException {
    PickleBytes pickle = PickleBytes.begin().ops("}(").text("epoch").number(7);
    pickle.text("pytorch-lightning_version").text("2.1.0");
    pickle
        .text("hyper_parameters")
        .global("omegaconf.dictconfig", "DictConfig")
        .ops(")\u0081q\u0000");
    pickle.ops("}(").text("_content").ops("}").text("lr").number(1).ops("s");
    pickle.text("_parent").ops("h\u0000").text("_type").global("typing", "Any").ops("ub");
    pickle.text("state_dict");
    stateDict(pickle, tensors);
    pickle.text("callbacks").ops("}");
    pickle.global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint");
    pickle.ops("}").text("best_model_score").op(0x89).ops("ss");
    pickle.text("optimizer_states").ops("]}").text("param_groups").ops("]sa");
    return write(path, pickle.ops("u"), tensors);
  }

  private static void stateDict(PickleBytes pickle, Map<String, Tensor> tensors) {
    pickle.orderedDict().ops("(");
    int storage = 0;
    for (var entry : tensors.entrySet()) {
      long[] extents = entry.getValue().shape().extents();
      pickle.text(entry.getKey());
      pickle.tensor("" + storage++, entry.getValue().elements(), 0, extents, contiguous(extents));
    }
    pickle.ops("u");
  }

  private static Path write(Path path, PickleBytes pickle, Map<String, Tensor> tensors)
      throws IOException {
    ZipFileBytes zip = ZipFileBytes.create(path).stored("model/data.pkl", pickle.end());
    int storage = 0;
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
