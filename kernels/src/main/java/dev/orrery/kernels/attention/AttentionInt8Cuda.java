package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches {@code AttentionInt8.cu}, or on a Hopper GPU for heads of {@value #HOPPER_HEAD} elements
 * {@code AttentionInt8Hopper.cu}: what quantises, and tensor cores that attend to it.
 */
public final class AttentionInt8Cuda extends CudaKernel implements AttentionInt8 {
  private static final String STEM = "AttentionInt8";
  private static final String NAME = "attention_int8";
  private static final double LOG2_E = 1 / Math.log(2);

  /** Of what quantises: tokens of a block, and its threads. */
  private static final int TOKENS = 128;

  private static final int QUANTIZE_THREADS = 256;

  private static final int HOPPER_HEAD = 128;

  /** For a tile of queries and two of keys, of int8, two of values, and nine barriers. */
  private static final int HOPPER_SHARED =
      AttentionHopperLauncher.ROWS * HOPPER_HEAD * (3 + 2 * DType.BF16.byteSize()) + 9 * Long.BYTES;

  private final CudaFunction quantizeF16;
  private final CudaFunction quantizeBf16;
  private final Functions head64;
  private final Functions head128;

  /** For heads of {@value #HOPPER_HEAD} elements; null if the GPU is not one of Hopper. */
  private final Functions hopper;

  public AttentionInt8Cuda(CudaDevice device) {
    super(device);
    quantizeF16 = device.function(STEM, NAME + "_quantize_f16");
    quantizeBf16 = device.function(STEM, NAME + "_quantize_bf16");
    head64 = portable(64);
    head128 = portable(128);
    hopper =
        device.isHopper()
            ? functions(STEM + "Hopper", "_hopper", AttentionHopperLauncher.THREADS, HOPPER_SHARED)
            : null;
  }

  /**
   * Functions that attend.
   *
   * @param plain by 16-bit type: without cameras
   * @param seen by 16-bit type: with cameras
   */
  private record Functions(
      int threads,
      int sharedBytes,
      CudaFunction plainF16,
      CudaFunction plainBf16,
      CudaFunction seenF16,
      CudaFunction seenBf16) {
    CudaFunction of(DType dtype, boolean seen) {
      if (dtype == DType.F16) {
        return seen ? seenF16 : plainF16;
      }
      return seen ? seenBf16 : plainBf16;
    }
  }

  private Functions portable(int headDim) {
    return functions(
        STEM,
        "_d" + headDim,
        AttentionTile.threads(headDim, 1),
        AttentionTile.sharedBytes(headDim, 1));
  }

  private Functions functions(String stem, String end, int threads, int sharedBytes) {
    String seen = NAME + "_cameras" + end;
    return new Functions(
        threads,
        sharedBytes,
        device().function(stem, NAME + end + suffix(DType.F16), sharedBytes),
        device().function(stem, NAME + end + suffix(DType.BF16), sharedBytes),
        device().function(stem, seen + suffix(DType.F16), sharedBytes),
        device().function(stem, seen + suffix(DType.BF16), sharedBytes));
  }

  /** Fp16 and bf16. */
  @Override
  public boolean accepts(DType activations) {
    return activations == DType.F16 || activations == DType.BF16;
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    Check.that(
        areAligned(q, k, v, out, room.queries(), room.keys(), room.values())
            && (cameras == null || areAligned(cameras.imageFromWorld(), cameras.worldFromImage())),
        "expected tensors that begin at multiples of 16 bytes");
    quantize(q, k, v, cameras, room);
    float scaleLog2 = (float) (scale * LOG2_E);
    Tensor values = cameras == null ? v : room.values();
    Object[] more =
        cameras == null
            ? new Object[0]
            : new Object[] {cameras.imageFromWorld(), cameras.queriesPerFrame(q.size(0))};
    if (hopper != null && q.size(2) == HOPPER_HEAD) {
      attendOnHopper(room, values, scaleLog2, out, more);
    } else {
      attend(room, values, scaleLog2, out, more);
    }
  }

  private void quantize(Tensor q, Tensor k, Tensor v, Cameras cameras, Room room) {
    int queries = q.size(0);
    int keys = k.size(0);
    int blocksOfKeys = Math.ceilDiv(keys, TOKENS);
    stream()
        .launch(
            q.dtype() == DType.F16 ? quantizeF16 : quantizeBf16,
            Math.ceilDiv(queries, TOKENS) + (cameras == null ? 1 : 2) * blocksOfKeys,
            q.size(1),
            1,
            QUANTIZE_THREADS,
            0,
            q,
            k,
            v,
            cameras == null ? null : cameras.imageFromWorld(),
            cameras == null ? null : cameras.worldFromImage(),
            room.queries(),
            room.queryScales(),
            room.keys(),
            room.keyScales(),
            room.values(),
            queries,
            keys,
            q.size(1),
            q.size(2),
            cameras == null ? 1 : cameras.queriesPerFrame(queries),
            cameras == null ? 1 : cameras.keysPerFrame(keys),
            cameras == null ? 0 : cameras.plainKeys());
  }

  private void attendOnHopper(
      Room room, Tensor values, float scaleLog2, Tensor out, Object[] more) {
    int queries = out.size(0);
    Object[] arguments = {
      AttentionHopperLauncher.map(room.queries(), 1),
      room.queryScales(),
      AttentionHopperLauncher.map(room.keys(), 1),
      room.keyScales(),
      AttentionHopperLauncher.map(values, 1),
      out,
      queries,
      room.keys().size(0),
      out.size(1),
      scaleLog2
    };
    stream()
        .launch(
            hopper.of(out.dtype(), more.length > 0),
            Math.ceilDiv(queries, AttentionHopperLauncher.ROWS) * out.size(1),
            1,
            1,
            hopper.threads(),
            hopper.sharedBytes(),
            AttentionTensorCores.together(arguments, more));
  }

  private void attend(Room room, Tensor values, float scaleLog2, Tensor out, Object[] more) {
    int queries = out.size(0);
    Functions functions = out.size(2) <= 64 ? head64 : head128;
    Object[] arguments = {
      room.queries(),
      room.queryScales(),
      room.keys(),
      room.keyScales(),
      values,
      out,
      queries,
      room.keys().size(0),
      out.size(1),
      out.size(2),
      scaleLog2
    };
    stream()
        .launch(
            functions.of(out.dtype(), more.length > 0),
            Math.ceilDiv(queries, AttentionTile.QUERIES),
            out.size(1),
            1,
            functions.threads(),
            functions.sharedBytes(),
            AttentionTensorCores.together(arguments, more));
  }
}
