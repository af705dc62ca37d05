package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.ConvHopperTile;
import dev.orrery.kernels.conv.ConvKn2rowTile;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.ScaledProduct;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Predicts what launches take on an H200, by counting what their tiles ask of its units: {@link
 * MatmulCost}, {@link AttentionCost}, {@link ConvCost}; all other operations are bound by their
 * bytes. Choices that the launchers make are made here by the launchers' code or tables.
 */
final class CudaCost {
  private static final String PRODUCT = "M x K x N";

  private final MatmulCost products;
  private final AttentionCost attention;
  private final ConvCost convolutions;

  /**
   * @param root of the checkout
   */
  CudaCost(Path root) {
    this(root, MatmulCost.Hopper.AS_BUILT);
  }

  /** The same under other assumptions about products by wgmma. */
  CudaCost(Path root, MatmulCost.Hopper hopper) {
    CudaSources sources = new CudaSources(root);
    JsonValue stored = JsonValue.read(root.resolve(CudaKernelsPage.RESULTS));
    KernelResources resources = new KernelResources(stored, "90a");
    products = new MatmulCost(sources, resources, hopper);
    attention = new AttentionCost(sources);
    convolutions = new ConvCost(sources, resources);
  }

  /**
   * The prediction for a launch on activations of 16 bits; those of fp32 run without tensor cores.
   */
  LaunchCost of(PlannedLaunch launch) {
    Class<?> contract = launch.contract();
    Object[] arguments = launch.arguments();
    if (isJoint(launch)) {
      return joint(launch);
    }
    if (contract == Matmul.class) {
      Tensor weight = (Tensor) arguments[1];
      Activation activation = (Activation) arguments[3];
      return product(1, (Tensor) arguments[0], weight, activation, (Tensor) arguments[4], false);
    }
    if (contract == MatmulResidual.class) {
      Tensor weight = (Tensor) arguments[1];
      Tensor residual = (Tensor) arguments[4];
      return product(1, (Tensor) arguments[0], weight, Activation.NONE, residual, true);
    }
    if (contract == MatmulInt8.class || contract == MatmulFp8.class) {
      return scaled(contract, 1, (ScaledRows) arguments[0], (Epilogue) arguments[3]);
    }
    if (contract == MatmulInt4.class) {
      GroupedInt4 weight = (GroupedInt4) arguments[1];
      double bytes = (double) (weight.packed().byteSize() + weight.scales().byteSize());
      Tensor x = (Tensor) arguments[0];
      double values = (double) weight.packed().size(0) * x.size(1);
      return products.int4(quantized(1, x, bytes / values, (Epilogue) arguments[3]));
    }
    if (contract == Attention.class) {
      int sequences = (int) arguments[3];
      AttentionCost.Heads heads = heads(launch, sequences);
      return isHalf((Tensor) arguments[0]) ? attention.attention(heads) : attention.rows(heads);
    }
    if (contract == PropeAttention.class) {
      AttentionCost.Heads heads = heads(launch, 1);
      return isHalf((Tensor) arguments[0]) ? attention.prope(heads) : attention.rows(heads);
    }
    if (contract == AttentionInt8.class) {
      return attention.int8(heads(launch, 1), arguments[3] != null);
    }
    if (contract == CausalConv3d.class) {
      return convolution(launch, "CausalConv3d", "causal_conv3d", 1, 2, 1, (Edge) arguments[5]);
    }
    if (contract == Conv2d.class) {
      return convolution(launch, "Conv2d", "conv2d", 0, 1, (int) arguments[3], Edge.ZEROS);
    }
    return LaunchCost.ofBytes(contract.getSimpleName(), launch.bytes());
  }

  private static boolean isHalf(Tensor tensor) {
    return tensor.dtype() != DType.F32;
  }

  /** Whether a launch has several linear layers of the same input. */
  static boolean isJoint(PlannedLaunch launch) {
    return launch.arguments().length == 2 && launch.arguments()[1] instanceof List<?>;
  }

  private LaunchCost joint(PlannedLaunch launch) {
    Object x = launch.arguments()[0];
    List<?> layers = (List<?>) launch.arguments()[1];
    if (layers.getFirst() instanceof ScaledProduct.Layer layer) {
      Epilogue epilogue = new Epilogue.Store(Activation.NONE, layer.out());
      return scaled(launch.contract(), layers.size(), (ScaledRows) x, epilogue);
    }
    Matmul.Layer layer = (Matmul.Layer) layers.getFirst();
    return product(layers.size(), (Tensor) x, layer.weight(), Activation.NONE, layer.out(), false);
  }

  private LaunchCost product(
      int layers, Tensor x, Tensor weight, Activation activation, Tensor out, boolean added) {
    MatmulCost.Product product =
        new MatmulCost.Product(
            layers,
            out.size(0),
            x.size(1),
            out.size(1),
            x.dtype().byteSize(),
            weight.dtype().byteSize(),
            out.dtype(),
            activation,
            added);
    boolean onTensorCores = isHalf(x) && isHalf(weight) && x.size(1) % 8 == 0;
    return onTensorCores ? products.hopper(product) : MatmulCost.simt("MatmulSimt", product);
  }

  private LaunchCost scaled(Class<?> contract, int layers, ScaledRows x, Epilogue epilogue) {
    MatmulCost.Product product = quantized(layers, x.values(), 1, epilogue);
    return contract == MatmulInt8.class ? products.int8(product) : products.fp8(product);
  }

  private static MatmulCost.Product quantized(
      int layers, Tensor x, double weightBytes, Epilogue epilogue) {
    Tensor out = epilogue.target();
    return new MatmulCost.Product(
        layers,
        out.size(0),
        x.size(1),
        out.size(1),
        x.dtype().byteSize(),
        weightBytes,
        out.dtype(),
        epilogue instanceof Epilogue.Store store ? store.activation() : Activation.NONE,
        epilogue instanceof Epilogue.AddTo);
  }

  private static AttentionCost.Heads heads(PlannedLaunch launch, int sequences) {
    Tensor q = (Tensor) launch.arguments()[0];
    Tensor k = (Tensor) launch.arguments()[1];
    return new AttentionCost.Heads(
        sequences,
        q.size(0) / sequences,
        k.size(0) / sequences,
        q.size(1),
        q.size(2),
        launch.bytes());
  }

  private LaunchCost convolution(
      PlannedLaunch launch, String stem, String base, int x, int weight, int stride, Edge edge) {
    Tensor input = (Tensor) launch.arguments()[x];
    Tensor kernel = (Tensor) launch.arguments()[weight];
    Tensor out = (Tensor) launch.arguments()[launch.arguments().length - 1];
    if (!isHalf(input)) {
      return MatmulCost.lanes(stem + " fp32", launch.operations(), launch.bytes());
    }
    if (ConvHopperTile.take(input.dtype(), kernel.shape(), stride, edge, input.size(2))) {
      return convolutions.hopper(kernel, stride, out, launch.bytes());
    }
    if (ConvKn2rowTile.take(input.dtype(), kernel.shape(), stride)) {
      return convolutions.kn2row(kernel, out, launch.bytes());
    }
    int channels = out.size(3);
    int axes = kernel.shape().rank();
    return convolutions.cost(
        stem,
        base,
        new ConvCost.Convolution(
            out.elements() / channels,
            channels,
            Math.toIntExact(kernel.elements() / channels),
            kernel.size(axes - 2),
            kernel.size(axes - 3),
            launch.bytes()));
  }

  /** The shape of a launch as {@link GpuCase#shape} writes it; else its largest tensor. */
  static String shape(PlannedLaunch launch) {
    Object[] arguments = launch.arguments();
    Class<?> contract = launch.contract();
    if (isJoint(launch)) {
      return jointShape(arguments[0], (List<?>) arguments[1]);
    }
    if (contract == Matmul.class || contract == MatmulResidual.class) {
      return show(PRODUCT, product((Tensor) arguments[0], (Tensor) arguments[4]));
    }
    if (contract == MatmulInt8.class || contract == MatmulFp8.class) {
      return quantizedShape(((ScaledRows) arguments[0]).values(), "", (Epilogue) arguments[3]);
    }
    if (contract == MatmulInt4.class) {
      Tensor x = (Tensor) arguments[0];
      int groups = ((GroupedInt4) arguments[1]).scales().size(1);
      return quantizedShape(x, ", groups of " + x.size(1) / groups, (Epilogue) arguments[3]);
    }
    if (contract == Attention.class
        || contract == PropeAttention.class
        || contract == AttentionInt8.class) {
      AttentionCost.Heads heads =
          heads(launch, contract == Attention.class ? (int) arguments[3] : 1);
      String size =
          show(
              "Tq x Tk x H x D",
              LongStream.of(heads.queries(), heads.keys(), heads.heads(), heads.headDim()));
      if (contract == AttentionInt8.class && arguments[3] != null) {
        return size + ", with cameras";
      }
      return heads.sequences() == 1 ? size : size + ", " + heads.sequences() + " times";
    }
    if (contract == CausalConv3d.class) {
      return show(
          "Kt x K x K x Ci x Co x T x Y x X",
          convolution((Tensor) arguments[2], (Tensor) arguments[6]));
    }
    if (contract == Conv2d.class) {
      int stride = (int) arguments[3];
      return show(
              "K x K x Ci x Co x T x Y x X",
              convolution((Tensor) arguments[1], (Tensor) arguments[5]))
          + (stride == 1 ? "" : ", stride " + stride);
    }
    return launch.tensors().stream()
        .max((one, other) -> Long.compare(one.byteSize(), other.byteSize()))
        .map(Tensor::toString)
        .orElse("");
  }

  private static String jointShape(Object x, List<?> layers) {
    LongStream size =
        layers.getFirst() instanceof ScaledProduct.Layer layer
            ? product(((ScaledRows) x).values(), layer.out())
            : product((Tensor) x, ((Matmul.Layer) layers.getFirst()).out());
    return show(PRODUCT, size) + ", " + layers.size() + " layers";
  }

  private static String quantizedShape(Tensor x, String groups, Epilogue epilogue) {
    String added = epilogue instanceof Epilogue.AddTo ? ", added" : "";
    return show(PRODUCT, product(x, epilogue.target())) + groups + added;
  }

  private static LongStream product(Tensor x, Tensor out) {
    return LongStream.of(out.size(0), x.size(1), out.size(1));
  }

  private static LongStream convolution(Tensor weight, Tensor out) {
    return LongStream.concat(
        Arrays.stream(weight.shape().extents()), Arrays.stream(out.shape().extents()).limit(3));
  }

  private static String show(String letters, LongStream size) {
    return String.format(
        Locale.ROOT,
        "%s = %s",
        letters,
        size.mapToObj(Long::toString).collect(Collectors.joining(" x ")));
  }
}
