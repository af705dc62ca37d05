package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledProduct;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An activation of no rows is a valid argument: every operation that has rows, tokens or frames
 * gives a result without any, on every backend. Operations that refuse it say so in their contract.
 */
class NoRowsTest {
  private static final int DEPTH = 64;
  private static final int COLUMNS = 48;
  private static final Activation GELU = Activation.GELU_TANH;

  /** One operation on no rows. */
  private record Case<K extends Kernel>(Class<K> contract, KernelCase<K> run) {
    /**
     * Runs it; that nothing fails is all there is to see.
     *
     * @return whether the backend has it
     */
    boolean runs(Backend backend, DType dtype) {
      K kernel;
      try {
        kernel = backend.kernel(contract);
      } catch (MissingKernelException e) {
        return false;
      }
      if (!kernel.accepts(dtype)) {
        return true;
      }
      try (TensorArena arena = backend.newArena()) {
        run.run(kernel, new KernelCase.Inputs(backend, arena, dtype));
        backend.synchronize();
        return true;
      } catch (RuntimeException e) {
        throw new AssertionError(contract.getSimpleName() + " of no rows, " + dtype, e);
      }
    }
  }

  /**
   * Runs all operations.
   *
   * @param missing those that the backend does not have
   */
  private static void requireAll(Backend backend, DType dtype, Class<?>... missing) {
    Set<Class<?>> absent = new HashSet<>();
    for (Case<?> operation : CASES) {
      if (!operation.runs(backend, dtype)) {
        absent.add(operation.contract());
      }
    }
    assertEquals(Set.of(missing), absent);
  }

  private static final List<Case<?>> CASES =
      List.of(
          new Case<>(
              Matmul.class,
              (k, in) -> {
                Tensor out = in.output(0, COLUMNS);
                Tensor weight = in.activation(1, COLUMNS, DEPTH);
                k.run(in.activation(2, 0, DEPTH), weight, in.fp32(3, COLUMNS), GELU, out);
                Matmul.Layer layer = new Matmul.Layer(weight, null, out);
                k.run(in.activation(2, 0, DEPTH), List.of(layer, layer));
                return out;
              }),
          new Case<>(
              MatmulResidual.class,
              (k, in) -> {
                Tensor out = in.output(0, COLUMNS);
                Tensor weight = in.activation(1, COLUMNS, DEPTH);
                Tensor gate = in.fp32(4, 2, COLUMNS);
                k.run(in.activation(2, 0, DEPTH), weight, in.fp32(3, COLUMNS), gate, out);
                return out;
              }),
          new Case<>(
              MatmulFp8.class,
              (k, in) -> {
                ScaledRows x = rows(in, DType.F8_E4M3, 0);
                ScaledRows weight = rows(in, DType.F8_E4M3, COLUMNS);
                Tensor out = in.output(0, COLUMNS);
                k.run(x, weight, in.fp32(3, COLUMNS), new Epilogue.Store(GELU, out));
                k.run(x, weight, null, new Epilogue.AddTo(in.fp32(4, 2, COLUMNS), out));
                ScaledProduct.Layer layer = new ScaledProduct.Layer(weight, null, out);
                k.run(x, List.of(layer, layer));
                return out;
              }),
          new Case<>(
              MatmulInt8.class,
              (k, in) -> {
                ScaledRows x = rows(in, DType.I8, 0);
                ScaledRows weight = rows(in, DType.I8, COLUMNS);
                Tensor out = in.output(0, COLUMNS);
                k.run(x, weight, in.fp32(3, COLUMNS), new Epilogue.Store(GELU, out));
                k.run(x, weight, null, new Epilogue.AddTo(in.fp32(4, 2, COLUMNS), out));
                ScaledProduct.Layer layer = new ScaledProduct.Layer(weight, null, out);
                k.run(x, List.of(layer, layer));
                return out;
              }),
          new Case<>(
              MatmulInt4.class,
              (k, in) -> {
                Tensor packed = in.bytes(1, COLUMNS, DEPTH / 2);
                GroupedInt4 weight = new GroupedInt4(packed, in.fp32(2, COLUMNS, 2));
                Tensor out = in.output(0, COLUMNS);
                Tensor x = in.activation(2, 0, DEPTH);
                k.run(x, weight, in.fp32(3, COLUMNS), new Epilogue.Store(GELU, out));
                k.run(x, weight, null, new Epilogue.AddTo(in.fp32(4, 2, COLUMNS), out));
                return out;
              }),
          new Case<>(
              QuantizeRows.class,
              (k, in) -> {
                ScaledRows out = rows(in, DType.I8, 0);
                k.run(in.activation(1, 0, DEPTH), out);
                return out.values();
              }),
          new Case<>(
              Attention.class,
              (k, in) -> {
                Tensor out = in.output(0, 2, 64);
                Tensor keys = in.activation(1, 5, 2, 64);
                k.run(in.activation(2, 0, 2, 64), keys, keys, 0.125, out);
                return out;
              }),
          new Case<>(
              TemporalAttention.class,
              (k, in) -> {
                Tensor out = in.output(0, 3, 2, 64);
                Tensor keys = in.activation(1, 5, 3, 2, 64);
                k.run(in.activation(2, 0, 3, 2, 64), keys, keys, 0.125, out);
                return out;
              }),
          new Case<>(
              PropeAttention.class,
              (k, in) -> {
                Tensor out = in.output(0, 2, 64);
                Tensor keys = in.activation(1, 6, 2, 64);
                Tensor q = in.activation(2, 0, 2, 64);
                Tensor to = in.fp32(3, 2, 4, 4);
                Tensor from = in.fp32(4, 2, 4, 4);
                Tensor room = in.output(PropeAttention.roomRows(keys), 2, 64);
                k.run(q, keys, keys, to, from, 0, 0.125, room, out);
                return out;
              }),
          new Case<>(
              AttentionInt8.class,
              (k, in) -> {
                Tensor out = in.output(0, 2, 64);
                Tensor keys = in.activation(1, 6, 2, 64);
                Tensor q = in.activation(2, 0, 2, 64);
                AttentionInt8.Room room = AttentionInt8.Room.of(q, keys, false, in::outputOf);
                k.run(q, keys, keys, null, 0.125, room, out);
                return out;
              }),
          new Case<>(
              RmsNorm.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH);
                k.run(in.activation(1, 0, DEPTH), in.fp32(2, DEPTH), 1e-6, out);
                return out;
              }),
          new Case<>(
              LayerNorm.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH);
                Tensor vector = in.fp32(2, DEPTH);
                k.run(in.activation(1, 0, DEPTH), vector, vector, 1e-6, out);
                return out;
              }),
          new Case<>(
              LayerNormModulate.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH);
                Tensor frames = in.fp32(2, 3, DEPTH);
                k.run(in.activation(1, 0, DEPTH), frames, frames, 1e-6, out);
                return out;
              }),
          new Case<>(
              GroupNorm.class,
              (k, in) -> {
                Tensor out = in.output(0, 6, DEPTH);
                Tensor vector = in.fp32(2, DEPTH);
                k.run(in.activation(1, 0, 6, DEPTH), 8, vector, vector, 1e-6, GELU, out);
                return out;
              }),
          new Case<>(
              ChannelRmsNorm.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH);
                k.run(in.activation(1, 0, DEPTH), in.fp32(2, DEPTH), Activation.SILU, out);
                return out;
              }),
          new Case<>(
              Rope.class,
              (k, in) -> {
                Tensor out = in.output(0, 2, 64);
                k.run(in.activation(1, 0, 2, 64), in.fp32(2, 4, 32, 2), out);
                return out;
              }),
          new Case<>(
              RmsNormRope.class,
              (k, in) -> {
                Tensor out = in.output(0, 2, 64);
                Tensor weight = in.fp32(3, 2 * 64);
                Tensor table = in.fp32(2, 4, 32, 2);
                k.run(in.activation(1, 0, 2, 64), RmsNormRope.Span.TOKEN, weight, 1e-6, table, out);
                return out;
              }),
          new Case<>(
              TimestepEmbedding.class,
              (k, in) -> {
                Tensor out = in.outputOf(DType.F32, 0, 32);
                k.run(in.fp32(1, 0), out);
                return out;
              }),
          new Case<>(
              LinearCombination.class,
              (k, in) -> {
                Tensor out = in.outputOf(DType.F32, 0, 32);
                k.run(0.5, in.fp32(1, 0, 32), 2, in.fp32(2, 0, 32), out);
                return out;
              }),
          new Case<>(Silu.class, (k, in) -> mapped(in, k::run)),
          new Case<>(Relu.class, (k, in) -> mapped(in, k::run)),
          new Case<>(Softmax.class, (k, in) -> mapped(in, k::run)),
          new Case<>(SoftClamp.class, (k, in) -> mapped(in, (x, out) -> k.run(x, 5, out))),
          new Case<>(Add.class, (k, in) -> mapped(in, (x, out) -> k.run(x, x, out))),
          new Case<>(Multiply.class, (k, in) -> mapped(in, (x, out) -> k.run(x, x, out))),
          new Case<>(
              GatedResidual.class,
              (k, in) -> mapped(in, (x, out) -> k.run(x, x, in.fp32(2, 2, DEPTH), out))),
          new Case<>(
              ChannelAffine.class,
              (k, in) ->
                  mapped(in, (x, out) -> k.run(x, in.fp32(2, DEPTH), in.fp32(3, DEPTH), out))),
          new Case<>(
              AppendColumns.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH + 8);
                k.run(in.activation(1, 0, DEPTH), in.activation(2, 3, 8), out);
                return out;
              }),
          new Case<>(
              GatherRows.class,
              (k, in) -> {
                Tensor out = in.output(0, DEPTH);
                k.run(in.activation(1, 5, DEPTH), in.moved(host(DType.I32, 0)), out);
                return out;
              }),
          new Case<>(
              NearestUpsample.class,
              (k, in) -> {
                Tensor out = in.output(0, 4, 6, 8);
                k.run(in.activation(1, 0, 2, 3, 8), out);
                return out;
              }),
          new Case<>(
              TimeUnshuffle.class,
              (k, in) -> {
                Tensor out = in.output(0, 6, 8);
                k.run(in.activation(1, 0, 6, 16), out);
                return out;
              }),
          new Case<>(
              Patchify.class,
              (k, in) -> {
                Tensor out = in.output(0, 32);
                k.run(in.activation(1, 0, 4, 6, 8), 2, PatchOrder.CHANNEL_SLOWEST, 0, out);
                return out;
              }),
          new Case<>(
              Unpatchify.class,
              (k, in) -> {
                Tensor out = in.output(0, 4, 6, 8);
                k.run(in.activation(1, 0, 32), 2, PatchOrder.CHANNEL_SLOWEST, out);
                return out;
              }),
          new Case<>(
              Conv2d.class,
              (k, in) -> {
                Tensor out = in.output(0, 6, 5, 16);
                Tensor weight = in.activation(2, 3, 3, 8, 16);
                Conv2d.Padding padding = Conv2d.Padding.all(1);
                k.run(in.activation(1, 0, 6, 5, 8), weight, in.fp32(3, 16), 1, padding, out);
                return out;
              }),
          new Case<>(
              FramesToBytes.class,
              (k, in) -> {
                Tensor out = in.outputOf(DType.U8, 0, 6, 3);
                k.run(in.activation(1, 0, 6, 3), PixelRange.SIGNED, out);
                return out;
              }));

  @Test
  void onTheReference() {
    try (Backend backend = CpuBackend.reference(2)) {
      requireAll(backend, DType.F32);
    }
  }

  @Test
  void onTheVectorApi() {
    try (Backend backend = CpuBackend.simd(2)) {
      requireAll(backend, DType.F32);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 90})
  void onAGpu(int capability) {
    if (CudaTestDevice.supports(capability)) {
      Backend backend = CudaTestDevice.open(capability);
      for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
        requireAll(backend, dtype);
      }
    }
  }

  @Test
  void withTornado() {
    try (Backend backend = TornadoHarness.open()) {
      requireAll(
          backend,
          DType.F32,
          AttentionInt8.class,
          GatedResidual.class,
          MatmulFp8.class,
          MatmulInt4.class,
          Softmax.class);
    }
  }

  private interface Map {
    void run(Tensor x, Tensor out);
  }

  private static Tensor mapped(KernelCase.Inputs in, Map map) {
    Tensor out = in.output(0, DEPTH);
    map.run(in.activation(1, 0, DEPTH), out);
    return out;
  }

  /** A quantised matrix of zeros. */
  private static ScaledRows rows(KernelCase.Inputs in, DType dtype, int rows) {
    return new ScaledRows(in.moved(host(dtype, rows, DEPTH)), in.fp32(5, rows));
  }

  private static Tensor host(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    long bytes = Math.max(1, shape.elements() * dtype.byteSize());
    return Tensor.host(dtype, shape, Arena.ofAuto().allocate(bytes, 64));
  }
}
