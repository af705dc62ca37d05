package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.attention.Cameras;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UpsampleShortcut;
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
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What each operation is called with, to be compared with the results of a fixture. */
final class OperationComparisons {
  static final double EPS = 1e-6;

  private static final double SCALE = 0.3;

  /** An operation on the tensors of a case. */
  @FunctionalInterface
  interface Comparison<K extends Kernel> {
    void run(K kernel, OperationCase tensors);
  }

  private final Map<String, Runner> runners = new TreeMap<>();

  /** A comparison that finds its kernel by itself. */
  @FunctionalInterface
  private interface Runner {
    void run(Backend backend, OperationCase tensors);
  }

  OperationComparisons() {
    attention();
    convolution();
    elementwise();
    norms();
    positions();
    layout();
    images();
    products();
  }

  /** Names of the operations that are compared. */
  Set<String> operations() {
    return runners.keySet();
  }

  /** Compares an operation of a backend with one of its cases. */
  void run(Backend backend, OperationCase tensors) {
    runners.get(tensors.operation()).run(backend, tensors);
  }

  private <K extends Kernel> void compare(Class<K> contract, Comparison<K> comparison) {
    runners.put(
        contract.getSimpleName(),
        (backend, tensors) -> comparison.run(backend.kernel(contract), tensors));
  }

  private void attention() {
    compare(
        Attention.class,
        (k, c) -> {
          int sequences = c.name().endsWith("one") ? 1 : 3;
          c.same("out", o -> k.run(c.get("q"), c.get("k"), c.get("v"), sequences, SCALE, o));
        });
    compare(
        TemporalAttention.class,
        (k, c) -> {
          Visibility visibility = Visibility.valueOf(c.name().substring(c.name().indexOf('.') + 1));
          c.same("out", o -> k.run(c.get("q"), c.get("k"), c.get("v"), visibility, SCALE, o));
        });
    compare(
        BiasedAttention.class,
        (k, c) ->
            c.same("out", o -> k.run(c.get("q"), c.get("k"), c.get("v"), c.get("bias"), SCALE, o)));
    compare(
        AttentionInt8.class,
        (k, c) -> {
          Tensor q = c.get("q");
          Tensor keys = c.get("k");
          Cameras cameras =
              c.name().endsWith("one")
                  ? null
                  : new Cameras(c.get("imageFromWorld"), c.get("worldFromImage"), 0);
          AttentionInt8.Room room =
              AttentionInt8.Room.of(q, keys, cameras != null, new HostArena()::empty);
          c.same("out", o -> k.run(q, keys, c.get("v"), cameras, SCALE, room, o));
        });
    compare(
        PropeAttention.class,
        (k, c) -> {
          int plainKeys = c.name().endsWith("plain") ? 4 : 0;
          Tensor keys = c.get("k");
          Tensor none = Tensor.of(new float[0], 0, keys.size(1), keys.size(2));
          c.same(
              "out",
              o ->
                  k.run(
                      c.get("q"),
                      keys,
                      c.get("v"),
                      c.get("imageFromWorld"),
                      c.get("worldFromImage"),
                      plainKeys,
                      SCALE,
                      none,
                      o));
        });
  }

  private void convolution() {
    compare(
        Conv2d.class,
        (k, c) -> {
          int stride = c.name().endsWith("one") ? 1 : 2;
          Conv2d.Padding padding =
              stride == 1 ? Conv2d.Padding.all(1) : Conv2d.Padding.bottomRight(1);
          c.same("out", o -> k.run(c.get("x"), c.get("weight"), c.get("bias"), stride, padding, o));
        });
    compare(
        CausalConv3d.class,
        (k, c) -> {
          int stride = c.name().endsWith("2") ? 2 : 1;
          Edge edge = c.name().endsWith("repeated") ? Edge.REPEATED : Edge.ZEROS;
          Tensor weight = c.get("weight");
          c.same(
              "out",
              o -> k.run(c.get("history"), c.get("x"), weight, c.get("bias"), stride, edge, o));
        });
    compare(ConvWeightOrder.class, (k, c) -> c.same("out", o -> k.run(c.get("stored"), o)));
  }

  private void elementwise() {
    compare(
        Add.class,
        (k, c) -> {
          c.same("out", o -> k.run(c.get("a"), c.get("b"), o));
          for (Add.Rows rows : Add.Rows.values()) {
            c.same(rows.name(), o -> k.run(c.get("a"), c.get("few"), rows, o));
          }
        });
    compare(Multiply.class, (k, c) -> c.same("out", o -> k.run(c.get("a"), c.get("b"), o)));
    compare(Relu.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(Silu.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(Softmax.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(SoftClamp.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), 3, o)));
    compare(
        Convert.class,
        (k, c) -> {
          c.same("bf16", o -> k.run(c.get("x"), o));
          c.same("f16", o -> k.run(c.get("x"), o));
        });
    compare(
        ChannelAffine.class,
        (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("scale"), c.get("offset"), o)));
    compare(
        GatedResidual.class,
        (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("y"), c.get("gate"), o)));
    compare(
        Modulation.class,
        (k, c) -> c.same("out", o -> k.run(c.get("table"), c.get("embedding"), o)));
    compare(
        LinearCombination.class,
        (k, c) -> {
          c.same("two", o -> k.run(0.25, c.get("x"), -0.75, c.get("y"), o));
          c.same("three", o -> k.run(0.25, c.get("x"), -0.75, c.get("y"), 1.5, c.get("z"), o));
        });
  }

  private void norms() {
    compare(LayerNorm.class, (k, c) -> layerNorm(k, c, EPS));
    compare(
        LayerNormModulate.class,
        (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("shift"), c.get("scale"), EPS, o)));
    compare(
        RmsNorm.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("weight"), EPS, o)));
    compare(
        ChannelRmsNorm.class,
        (k, c) -> {
          for (Activation activation : List.of(Activation.NONE, Activation.SILU)) {
            c.same(activation.name(), o -> k.run(c.get("x"), c.get("gamma"), activation, o));
          }
        });
    compare(
        GroupNorm.class,
        (k, c) -> {
          for (Activation activation : List.of(Activation.NONE, Activation.SILU)) {
            c.same(
                activation.name(),
                o -> k.run(c.get("x"), 3, c.get("weight"), c.get("bias"), EPS, activation, o));
          }
        });
  }

  static void layerNorm(LayerNorm kernel, OperationCase tensors, double eps) {
    tensors.same(
        "out",
        out -> kernel.run(tensors.get("x"), tensors.get("weight"), tensors.get("bias"), eps, out));
  }

  private void positions() {
    compare(Rope.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("table"), o)));
    compare(
        RmsNormRope.class,
        (k, c) -> {
          Span span = c.name().endsWith("TOKEN") ? Span.TOKEN : Span.HEAD;
          c.same("out", o -> k.run(c.get("x"), span, c.get("weight"), EPS, c.get("table"), o));
        });
    compare(TimestepEmbedding.class, (k, c) -> c.same("out", o -> k.run(c.get("timesteps"), o)));
  }

  private void layout() {
    compare(
        AppendColumns.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), c.get("frame"), o)));
    compare(
        GatherRows.class,
        (k, c) -> {
          c.same("out", o -> k.run(c.get("table"), c.get("ids"), o));
          c.same("sum", "before", o -> k.addTo(c.get("table"), c.get("ids"), o));
        });
    compare(NearestUpsample.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(TimeUnshuffle.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(
        Patchify.class,
        (k, c) -> {
          PatchOrder order = patchOrder(c);
          int patch = order == PatchOrder.CHANNEL_FASTEST ? 3 : 2;
          c.same("out", o -> k.run(c.get("x"), patch, order, 0, o));
        });
    compare(Unpatchify.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), 2, patchOrder(c), o)));
    compare(
        DownsampleShortcut.class,
        (k, c) -> c.same("out", "before", o -> k.run(c.get("x"), 2, 2, patchOrder(c), o)));
    compare(
        UpsampleShortcut.class,
        (k, c) -> c.same("out", "before", o -> k.run(c.get("x"), 2, 2, patchOrder(c), o)));
  }

  private static PatchOrder patchOrder(OperationCase tensors) {
    return PatchOrder.valueOf(tensors.name().split("\\.")[1]);
  }

  private void images() {
    compare(
        FramesToBytes.class,
        (k, c) -> {
          for (PixelRange range : PixelRange.values()) {
            c.same(range.name(), o -> k.run(c.get("x"), range, o));
          }
        });
    compare(ResizeBicubic.class, (k, c) -> c.same("out", o -> k.run(c.get("x"), o)));
    compare(
        ResizeAntialiased.class,
        (k, c) -> {
          for (ResizeFilter filter : ResizeFilter.values()) {
            c.same(filter.name(), o -> k.run(c.get("x"), filter, o));
          }
        });
  }

  private void products() {
    compare(
        Matmul.class,
        (k, c) -> {
          for (Activation activation : Activation.values()) {
            matmul(k, c, activation, activation);
          }
        });
    compare(
        MatmulResidual.class,
        (k, c) ->
            c.same(
                "out",
                "residual",
                o -> k.run(c.get("x"), c.get("weight"), c.get("bias"), c.get("gate"), o)));
    compare(
        QuantizeRows.class,
        (k, c) -> {
          Tensor scales = Tensor.of(new float[c.get("scales").size(0)], c.get("scales").size(0));
          c.same("values", o -> k.run(c.get("x"), new ScaledRows(o, scales)));
          assertArrayEquals(c.get("scales").toFloats(), scales.toFloats());
        });
    compare(
        MatmulInt8.class,
        (k, c) ->
            c.same("out", o -> k.run(rows(c, "x"), rows(c, "weight"), c.get("bias"), gelu(o))));
    compare(
        MatmulFp8.class,
        (k, c) ->
            c.same("out", o -> k.run(rows(c, "x"), rows(c, "weight"), c.get("bias"), gelu(o))));
    compare(
        MatmulInt4.class,
        (k, c) -> {
          GroupedInt4 weight = new GroupedInt4(c.get("packed"), c.get("scales"));
          c.same(
              "out",
              o ->
                  k.run(c.get("x"), weight, c.get("bias"), new Epilogue.Store(Activation.NONE, o)));
        });
  }

  static void matmul(
      Matmul kernel, OperationCase tensors, Activation expected, Activation activation) {
    tensors.same(
        expected.name(),
        out ->
            kernel.run(
                tensors.get("x"), tensors.get("weight"), tensors.get("bias"), activation, out));
  }

  private static Epilogue gelu(Tensor out) {
    return new Epilogue.Store(Activation.GELU_TANH, out);
  }

  private static ScaledRows rows(OperationCase tensors, String name) {
    return new ScaledRows(tensors.get(name), tensors.get(name + "Scales"));
  }
}
