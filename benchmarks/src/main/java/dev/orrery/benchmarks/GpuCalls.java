package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Makes the calls of {@link GpuCase}s on tensors of random values. Matrices of weights have the
 * dtype of the activations, vectors are fp32, as models are loaded on a GPU.
 */
final class GpuCalls {
  private static final double EPS = 1e-6;

  /** Latent frames of a chunk, which gates and shifts are given for. */
  private static final int FRAMES = MatrixGame2Cases.LATENT_FRAMES;

  private final Backend backend;
  private final RandomValues random;
  private final TensorArena arena;
  private final DType dtype;
  private final GpuCase work;
  private final int[] n;

  private GpuCalls(
      GpuCase work, Backend backend, RandomValues random, TensorArena arena, DType dtype) {
    this.backend = backend;
    this.random = random;
    this.arena = arena;
    this.dtype = dtype;
    this.work = work;
    n = Sizes.parse(work.size());
  }

  /**
   * One call of an operation on tensors of its own.
   *
   * @param arena owner of the tensors
   * @param dtype of the activations
   * @throws dev.orrery.kernels.backend.MissingKernelException if the backend lacks the operation
   * @throws IllegalArgumentException if nobody has said how to call the operation
   */
  static Runnable call(
      GpuCase work, Backend backend, RandomValues random, TensorArena arena, DType dtype) {
    GpuCalls calls = new GpuCalls(work, backend, random, arena, dtype);
    return switch (work.operation().getSimpleName()) {
      case "Matmul" -> calls.matmul();
      case "MatmulResidual" -> calls.matmulResidual();
      case "QuantizeRows" -> calls.quantizeRows();
      case "MatmulInt8" -> calls.matmulInt8();
      case "MatmulFp8" -> calls.matmulFp8();
      case "MatmulInt4" -> calls.matmulInt4();
      case "Attention" -> calls.attention();
      case "TemporalAttention" -> calls.temporalAttention();
      case "CausalConv3d" -> calls.causalConv3d();
      case "Conv2d" -> calls.conv2d();
      case "LayerNorm" -> calls.layerNorm();
      case "LayerNormModulate" -> calls.layerNormModulate();
      case "RmsNorm" -> calls.rmsNorm();
      case "ChannelRmsNorm" -> calls.channelRmsNorm();
      case "RmsNormRope" -> calls.rmsNormRope();
      case "Add" -> calls.add();
      case "AppendColumns" -> calls.appendColumns();
      case "TimeUnshuffle" -> calls.timeUnshuffle();
      case "NearestUpsample" -> calls.nearestUpsample();
      case "FramesToBytes" -> calls.framesToBytes();
      default -> throw new IllegalArgumentException("no call of " + work.operation());
    };
  }

  private <K extends Kernel> K kernel(Class<K> contract) {
    return backend.kernel(contract);
  }

  private Tensor random(int... extents) {
    return random(dtype, extents);
  }

  private Tensor vectors(int... extents) {
    return random(DType.F32, extents);
  }

  private Tensor random(DType type, int... extents) {
    Tensor tensor = empty(type, extents);
    random.fill(tensor);
    return tensor;
  }

  private Tensor empty(DType type, int... extents) {
    return arena.empty(type, Sizes.longs(extents));
  }

  private Runnable matmul() {
    Matmul kernel = kernel(Matmul.class);
    Tensor x = random(n[0], n[1]);
    Tensor weight = random(n[2], n[1]);
    Tensor bias = vectors(n[2]);
    Tensor out = empty(dtype, n[0], n[2]);
    return () -> kernel.run(x, weight, bias, Activation.NONE, out);
  }

  /** The values of the residual grow from call to call, slowly enough to stay finite. */
  private Runnable matmulResidual() {
    MatmulResidual kernel = kernel(MatmulResidual.class);
    Tensor x = random(n[0], n[1]);
    Tensor weight = random(n[2], n[1]);
    Tensor bias = vectors(n[2]);
    Tensor gate = vectors(FRAMES, n[2]);
    Tensor residual = random(n[0], n[2]);
    return () -> kernel.run(x, weight, bias, gate, residual);
  }

  private Runnable quantizeRows() {
    QuantizeRows kernel = kernel(QuantizeRows.class);
    Tensor x = random(n);
    DType type =
        switch (work.form().format()) {
          case INT8 -> DType.I8;
          case FP8 -> DType.F8_E4M3;
          case INT4 -> throw new IllegalArgumentException("activations are not quantised to int4");
        };
    ScaledRows out = new ScaledRows(empty(type, n), empty(DType.F32, n[0]));
    return () -> kernel.run(x, out);
  }

  private Runnable matmulInt8() {
    MatmulInt8 kernel = kernel(MatmulInt8.class);
    ScaledRows x = quantized(DType.I8, n[0], n[1]);
    ScaledRows weight = quantized(DType.I8, n[2], n[1]);
    Tensor bias = vectors(n[2]);
    Epilogue epilogue = epilogue();
    return () -> kernel.run(x, weight, bias, epilogue);
  }

  private Runnable matmulFp8() {
    MatmulFp8 kernel = kernel(MatmulFp8.class);
    ScaledRows x = quantized(DType.F8_E4M3, n[0], n[1]);
    ScaledRows weight = quantized(DType.F8_E4M3, n[2], n[1]);
    Tensor bias = vectors(n[2]);
    Epilogue epilogue = epilogue();
    return () -> kernel.run(x, weight, bias, epilogue);
  }

  private Runnable matmulInt4() {
    MatmulInt4 kernel = kernel(MatmulInt4.class);
    Tensor x = random(n[0], n[1]);
    Tensor packed = random(DType.U8, n[2], n[1] / 2);
    GroupedInt4 weight = new GroupedInt4(packed, vectors(n[2], n[1] / work.form().group()));
    Tensor bias = vectors(n[2]);
    Epilogue epilogue = epilogue();
    return () -> kernel.run(x, weight, bias, epilogue);
  }

  /** Normal deviates as they are quantised: the values use all bits. */
  private ScaledRows quantized(DType type, int rows, int columns) {
    ScaledRows out = new ScaledRows(empty(type, rows, columns), empty(DType.F32, rows));
    kernel(QuantizeRows.class).run(random(rows, columns), out);
    return out;
  }

  private Epilogue epilogue() {
    return work.added()
        ? new Epilogue.AddTo(vectors(FRAMES, n[2]), random(n[0], n[2]))
        : new Epilogue.Store(Activation.NONE, empty(dtype, n[0], n[2]));
  }

  private Runnable attention() {
    Attention kernel = kernel(Attention.class);
    Tensor q = random(n[0], n[2], n[3]);
    Tensor k = random(n[1], n[2], n[3]);
    Tensor v = random(n[1], n[2], n[3]);
    Tensor out = empty(dtype, n[0], n[2], n[3]);
    return () -> kernel.run(q, k, v, 1 / Math.sqrt(n[3]), out);
  }

  private Runnable temporalAttention() {
    TemporalAttention kernel = kernel(TemporalAttention.class);
    Tensor q = random(n[0], n[2], n[3], n[4]);
    Tensor k = random(n[1], n[2], n[3], n[4]);
    Tensor v = random(n[1], n[2], n[3], n[4]);
    Tensor out = empty(dtype, n[0], n[2], n[3], n[4]);
    return () -> kernel.run(q, k, v, 1 / Math.sqrt(n[4]), out);
  }

  private Runnable causalConv3d() {
    CausalConv3d kernel = kernel(CausalConv3d.class);
    Tensor history = n[0] == 1 ? null : random(n[0] - 1, n[6], n[7], n[3]);
    Tensor x = random(n[5], n[6], n[7], n[3]);
    Tensor weight = random(n[0], n[1], n[2], n[3], n[4]);
    Tensor bias = vectors(n[4]);
    Tensor out = empty(dtype, n[5], n[6], n[7], n[4]);
    return () -> kernel.run(history, x, weight, bias, 1, Edge.ZEROS, out);
  }

  private Runnable conv2d() {
    Conv2d kernel = kernel(Conv2d.class);
    Tensor x = random(n[4], n[5], n[6], n[2]);
    Tensor weight = random(n[0], n[1], n[2], n[3]);
    Tensor bias = vectors(n[3]);
    Tensor out = empty(dtype, n[4], n[5], n[6], n[3]);
    Conv2d.Padding padding = Conv2d.Padding.all((n[0] - 1) / 2);
    return () -> kernel.run(x, weight, bias, 1, padding, out);
  }

  private Runnable layerNorm() {
    LayerNorm kernel = kernel(LayerNorm.class);
    Tensor x = random(n);
    Tensor weight = vectors(n[1]);
    Tensor bias = vectors(n[1]);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, weight, bias, EPS, out);
  }

  private Runnable layerNormModulate() {
    LayerNormModulate kernel = kernel(LayerNormModulate.class);
    Tensor x = random(n);
    Tensor shift = vectors(FRAMES, n[1]);
    Tensor scale = vectors(FRAMES, n[1]);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, shift, scale, EPS, out);
  }

  private Runnable rmsNorm() {
    RmsNorm kernel = kernel(RmsNorm.class);
    Tensor x = random(n);
    Tensor weight = vectors(n[1]);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, weight, EPS, out);
  }

  private Runnable channelRmsNorm() {
    ChannelRmsNorm kernel = kernel(ChannelRmsNorm.class);
    Tensor x = random(n);
    Tensor gamma = vectors(n[1]);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, gamma, Activation.SILU, out);
  }

  /** Video tokens are normalised as a whole and have a rotation each, action tokens do not. */
  private Runnable rmsNormRope() {
    RmsNormRope kernel = kernel(RmsNormRope.class);
    boolean video = n[2] == 128;
    RmsNormRope.Span span = video ? RmsNormRope.Span.TOKEN : RmsNormRope.Span.HEAD;
    Tensor x = random(n);
    Tensor weight = vectors(video ? n[1] * n[2] : n[2]);
    Tensor table = vectors(video ? n[0] : FRAMES, n[2] / 2, 2);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, span, weight, EPS, table, out);
  }

  private Runnable add() {
    Add kernel = kernel(Add.class);
    Tensor a = random(n);
    Tensor b = random(n);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(a, b, out);
  }

  /** The size is that of the result; a frame's window of mouse movements has 24 numbers. */
  private Runnable appendColumns() {
    AppendColumns kernel = kernel(AppendColumns.class);
    int appended = 24;
    Tensor x = random(n[0], n[1] - appended);
    Tensor frame = random(FRAMES, appended);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, frame, out);
  }

  private Runnable timeUnshuffle() {
    TimeUnshuffle kernel = kernel(TimeUnshuffle.class);
    Tensor x = random(n);
    Tensor out = empty(dtype, 2 * n[0], n[1], n[2] / 2);
    return () -> kernel.run(x, out);
  }

  /** The size is that of the result. */
  private Runnable nearestUpsample() {
    NearestUpsample kernel = kernel(NearestUpsample.class);
    Tensor x = random(n[0], n[1] / 2, n[2] / 2, n[3]);
    Tensor out = empty(dtype, n);
    return () -> kernel.run(x, out);
  }

  private Runnable framesToBytes() {
    FramesToBytes kernel = kernel(FramesToBytes.class);
    Tensor x = random(n);
    Tensor out = empty(DType.U8, n);
    return () -> kernel.run(x, PixelRange.SIGNED, out);
  }
}
