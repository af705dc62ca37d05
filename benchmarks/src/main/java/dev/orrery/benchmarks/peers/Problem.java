package dev.orrery.benchmarks.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * An operation at a shape, with numbers that all libraries get.
 *
 * @param operation which one
 * @param extents those that {@link Operation#letters} names
 */
record Problem(Operation operation, List<Integer> extents) implements Task {
  /** Groups of {@link Operation#GROUP_NORM}. */
  static final int GROUPS = 32;

  /** Of the norms. */
  static final float EPS = 1e-5f;

  /** What is compared, and how its extents are called. All tensors are fp32. */
  enum Operation {
    /** {@code x [M, K]} and {@code weight [N, K]}. */
    MATMUL("M x K x N"),

    /** {@code q [Tq, H, D]}, {@code k, v [Tk, H, D]}. */
    ATTENTION("Tq x Tk x H x D"),

    /** {@code x [T + 2, Y, X, Ci]}, the two first frames being the past; 3 x 3 x 3 taps. */
    CAUSAL_CONV3D("Ci x Co x T x Y x X"),

    /** {@code x [T, Y, X, Ci]}; 3 x 3 taps, zeros around. */
    CONV2D("Ci x Co x T x Y x X"),

    /** {@code x [P, C]} in {@link Problem#GROUPS} groups of channels, {@code weight, bias [C]}. */
    GROUP_NORM("P x C"),

    /** {@code x [R, C]}, {@code weight, bias [C]}. */
    LAYER_NORM("R x C"),

    /** {@code x [R, C]}. */
    SOFTMAX("R x C"),

    /** {@code x [R, C]}. */
    SILU("R x C");

    /** Names of the extents. */
    final String letters;

    Operation(String letters) {
      this.letters = letters;
    }
  }

  static Problem of(Operation operation, int... extents) {
    return new Problem(operation, Arrays.stream(extents).boxed().toList());
  }

  /** What is measured: shapes of Matrix-Game 2.0, of its decoder and of Vid2World. */
  static List<Problem> all() {
    return List.of(
        of(Operation.MATMUL, 880, 1536, 1536),
        of(Operation.MATMUL, 2640, 1536, 8960),
        of(Operation.ATTENTION, 880, 5280, 12, 128),
        of(Operation.CAUSAL_CONV3D, 96, 96, 4, 176, 320),
        of(Operation.CONV2D, 320, 320, 10, 40, 64),
        of(Operation.GROUP_NORM, 25600, 320),
        of(Operation.LAYER_NORM, 2640, 1536),
        of(Operation.SOFTMAX, 3520, 3520),
        of(Operation.SILU, 2640, 1536));
  }

  int extent(int axis) {
    return extents.get(axis);
  }

  @Override
  public String name() {
    return operation.name();
  }

  @Override
  public List<Call> calls(Peer peer, int threads) throws Exception {
    return peer.calls(this, threads);
  }

  /** {@code M x K x N = 880 x 1536 x 1536}. */
  @Override
  public String shape() {
    return operation.letters
        + " = "
        + extents.stream().map(String::valueOf).collect(Collectors.joining(" x "));
  }

  /** Shapes of the inputs, in the order in which {@link Operation} names them. */
  List<int[]> inputShapes() {
    int a = extent(0);
    int b = extent(1);
    return switch (operation) {
      case MATMUL -> List.of(shape(a, b), shape(extent(2), b));
      case ATTENTION -> {
        int heads = extent(2);
        int dim = extent(3);
        yield List.of(shape(a, heads, dim), shape(b, heads, dim), shape(b, heads, dim));
      }
      case CAUSAL_CONV3D ->
          List.of(shape(extent(2) + 2, extent(3), extent(4), a), shape(3, 3, 3, a, b));
      case CONV2D -> List.of(shape(extent(2), extent(3), extent(4), a), shape(3, 3, a, b));
      case GROUP_NORM, LAYER_NORM -> List.of(shape(a, b), shape(b), shape(b));
      case SOFTMAX, SILU -> List.of(shape(a, b));
    };
  }

  /** Shape of the result. */
  int[] outputShape() {
    return switch (operation) {
      case MATMUL -> shape(extent(0), extent(2));
      case ATTENTION -> shape(extent(0), extent(2), extent(3));
      case CAUSAL_CONV3D, CONV2D -> shape(extent(2), extent(3), extent(4), extent(1));
      case GROUP_NORM, LAYER_NORM, SOFTMAX, SILU -> shape(extent(0), extent(1));
    };
  }

  /** Seeded values of mean 0 and variance 1. */
  List<float[]> inputs() {
    List<float[]> inputs = new ArrayList<>();
    List<int[]> shapes = inputShapes();
    for (int input = 0; input < shapes.size(); input++) {
      SplittableRandom random = new SplittableRandom(input + 1);
      float[] values = new float[Layout.size(shapes.get(input))];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.add(values);
    }
    return inputs;
  }

  @Override
  public double operations() {
    double product = extents.stream().mapToDouble(Integer::doubleValue).reduce(1, (x, y) -> x * y);
    return switch (operation) {
      case MATMUL -> 2 * product;
      case ATTENTION -> 4 * product;
      case CAUSAL_CONV3D -> 2 * 27 * product;
      case CONV2D -> 2 * 9 * product;
      case GROUP_NORM, LAYER_NORM, SOFTMAX, SILU -> 0;
    };
  }

  private static int[] shape(int... extents) {
    return extents;
  }
}
