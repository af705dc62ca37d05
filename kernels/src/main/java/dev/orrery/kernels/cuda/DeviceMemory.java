package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** Copies between host tensors and tensors on a GPU, and between the latter. */
public final class DeviceMemory {
  private static final int PIECE_ELEMENTS = 4 << 20;
  private static final int THREADS = 256;
  private static final int ELEMENTS_PER_THREAD = 8;

  private final CudaDevice device;

  public DeviceMemory(CudaDevice device) {
    this.device = device;
  }

  /** Copies all elements between two tensors of one dtype, at least one of them on the device. */
  public void copy(Tensor from, Tensor to) {
    CudaStream stream = device.stream();
    if (from.buffer() instanceof HostBuffer) {
      stream.copyFromHost(from.segment(), CudaStream.address(to));
    } else if (to.buffer() instanceof HostBuffer) {
      stream.copyToHost(CudaStream.address(from), to.segment());
    } else {
      stream.copy(CudaStream.address(to), CudaStream.address(from), from.byteSize());
    }
  }

  /** Brings a weight to a tensor on the device, which may have another floating-point dtype. */
  public void upload(Tensor host, Tensor to) {
    if (host.dtype() == to.dtype()) {
      copy(host, to);
      device.stream().synchronize();
    } else {
      convert(host, to);
    }
  }

  /**
   * Weights cross the bus as they are stored and are converted on the device, piece by piece, so
   * that neither side ever holds a second copy of a whole tensor.
   */
  private void convert(Tensor host, Tensor to) {
    DType from = host.dtype();
    CudaFunction convert = device.function("Convert", name(from, to.dtype()));
    CudaStream stream = device.stream();
    MemorySegment source = host.segment();
    try (CudaArena temporary = new CudaArena(device)) {
      Tensor piece = temporary.empty(from, Math.min(PIECE_ELEMENTS, host.elements()));
      for (long at = 0; at < host.elements(); at += PIECE_ELEMENTS) {
        int count = (int) Math.min(PIECE_ELEMENTS, host.elements() - at);
        stream.copyFromHost(
            source.asSlice(at * from.byteSize(), (long) count * from.byteSize()),
            CudaStream.address(piece));
        stream.launch(
            convert,
            Math.ceilDiv(count, THREADS * ELEMENTS_PER_THREAD),
            1,
            1,
            THREADS,
            0,
            piece,
            CudaStream.address(to) + at * to.dtype().byteSize(),
            (long) count);
      }
      stream.synchronize();
    }
  }

  private static String name(DType from, DType to) {
    return ("convert_" + from + "_" + to).toLowerCase(Locale.ROOT);
  }
}
