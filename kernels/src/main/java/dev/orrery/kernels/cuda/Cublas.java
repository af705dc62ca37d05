package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/**
 * NVIDIA's matrix product on one device. Every stream has a handle of its own and memory for it, so
 * that calls can be captured and give the same bits each time.
 */
public final class Cublas implements LibraryCall {
  /** What NVIDIA recommends for Hopper; others need less. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  /** CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION: sums that are split are fp32 as well. */
  private static final int WHOLE_SUMS_IN_FP32 = 16;

  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});

  private final CudaDevice device;
  private final int id;
  private final Map<CUstream, Lane> lanes = new ConcurrentHashMap<>();

  /** What a stream has of its own. */
  private static final class Lane {
    final cublasHandle handle = new cublasHandle();

    long workspace;
  }

  private Cublas(CudaDevice device) {
    this.device = device;
    id = device.register(this);
  }

  /**
   * Opens the library, which is part of CUDA 12 and not of the driver.
   *
   * @throws CudaUnavailableException if it is not installed
   */
  public static Cublas open(CudaDevice device) {
    requireLibrary();
    try {
      JCublas2.setExceptionsEnabled(false);
      return new Cublas(device);
    } catch (LinkageError e) {
      throw new CudaUnavailableException(
          "JCublas's native library does not load: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("restricted")
  private static void requireLibrary() {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
    String library = windows ? "cublas64_12.dll" : "libcublas.so.12";
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(library, arena);
    } catch (IllegalArgumentException e) {
      throw new CudaUnavailableException(
          "no cuBLAS found ("
              + library
              + " cannot be loaded): install it from CUDA 12, or use Orrery's own matmul",
          e);
    }
  }

  /**
   * {@code out = x weight^T}, sums in fp32, for tensors of one 16-bit type.
   *
   * @param x {@code [M, K]}
   * @param weight {@code [N, K]}
   * @param out {@code [M, N]}
   */
  public void multiply(Tensor x, Tensor weight, Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    CudaStream stream = device.stream();
    lane(stream);
    stream.call(
        id,
        CudaStream.address(x),
        CudaStream.address(weight),
        CudaStream.address(out),
        out.size(0),
        out.size(1),
        x.size(1),
        x.dtype() == DType.F16 ? cudaDataType.CUDA_R_16F : cudaDataType.CUDA_R_16BF);
  }

  private Lane lane(CudaStream stream) {
    return lanes.computeIfAbsent(stream.handle(), this::newLane);
  }

  private Lane newLane(CUstream stream) {
    device.bind();
    Lane lane = new Lane();
    check("cublasCreate", JCublas2.cublasCreate(lane.handle));
    check("cublasSetStream", JCublas2.cublasSetStream(lane.handle, new cudaStream_t(stream)));
    lane.workspace = allocate(WORKSPACE_BYTES);
    check(
        "cublasSetWorkspace",
        JCublas2.cublasSetWorkspace(lane.handle, Driver.pointer(lane.workspace), WORKSPACE_BYTES));
    check("cublasSetMathMode", JCublas2.cublasSetMathMode(lane.handle, WHOLE_SUMS_IN_FP32));
    return lane;
  }

  private long allocate(long bytes) {
    long address = Driver.allocate(bytes);
    if (address == 0) {
      throw new OutOfMemoryError(
          String.format(Locale.ROOT, "no memory on %s for cuBLAS: %,d bytes", device, bytes));
    }
    return address;
  }

  /** The library's matrices have columns where ours have rows: it computes weight x^T. */
  @Override
  public void issue(CUstream stream, long[] parameters) {
    int rows = (int) parameters[3];
    int columns = (int) parameters[4];
    int depth = (int) parameters[5];
    int type = (int) parameters[6];
    check(
        "cublasGemmEx",
        JCublas2.cublasGemmEx(
            lanes.get(stream).handle,
            cublasOperation.CUBLAS_OP_T,
            cublasOperation.CUBLAS_OP_N,
            columns,
            rows,
            depth,
            ONE,
            Driver.pointer(parameters[1]),
            type,
            depth,
            Driver.pointer(parameters[0]),
            type,
            depth,
            ZERO,
            Driver.pointer(parameters[2]),
            type,
            columns,
            // JCublas takes the compute type in its older form, and turns down the newer one.
            cudaDataType.CUDA_R_32F,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
  }

  private static void check(String call, int result) {
    if (result != 0) {
      throw new CudaException(call + ": cuBLAS error " + result);
    }
  }

  /** Frees handles and memory, after their streams are done. */
  @Override
  public void close() {
    for (Lane lane : lanes.values()) {
      check("cublasDestroy", JCublas2.cublasDestroy(lane.handle));
      Driver.free(lane.workspace);
    }
    lanes.clear();
  }
}
