package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionPrecision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The few launches that settle what predictions are least sure of, each of a kind: what an
 * activation and a residual cost at the end of a product, what clusters of two bring, what L2
 * delivers to tiles of each width, how long products of one input take together, attention with and
 * without cameras, in 16 bits and in int8, convolution with many pixels, with few and with a stride
 * of two.
 */
final class GpuQuestions {
  private static final String MATRIX_GAME = "matrix-game-2";
  private static final String WORLDPLAY = "worldplay-wan5b";
  private static final int H200_MULTIPROCESSORS = HopperRates.MULTIPROCESSORS;

  private GpuQuestions() {}

  /** The launches, in the order of the questions. */
  static FamilyLaunches.Chunk launches() {
    List<PlannedLaunch> game = FamilyLaunches.onGpu(MATRIX_GAME, null).launches();
    List<PlannedLaunch> world = FamilyLaunches.onGpu(WORLDPLAY, null).launches();
    List<PlannedLaunch> chosen = new ArrayList<>();
    PlannedLaunch activated =
        longest(
            game,
            launch ->
                is(launch, Matmul.class)
                    && !CudaCost.isJoint(launch)
                    && launch.arguments()[3] != Activation.NONE);
    chosen.add(activated);
    chosen.add(with(activated, 3, Activation.NONE));
    PlannedLaunch added = longest(game, launch -> is(launch, MatmulResidual.class));
    chosen.add(added);
    chosen.add(withoutClusters(added));
    chosen.add(withoutClusters(activated));
    for (MatmulHopperTile tile : MatmulHopperTile.values()) {
      chosen.add(ofTile(withoutClusters(activated), tile));
    }
    chosen.add(longest(game, CudaCost::isJoint));
    chosen.add(longest(world, launch -> is(launch, PropeAttention.class)));
    chosen.add(longest(world, launch -> is(launch, Attention.class)));
    List<PlannedLaunch> int8 =
        FamilyLaunches.onGpu(WORLDPLAY, null, AttentionPrecision.INT8).launches();
    chosen.add(
        longest(int8, launch -> is(launch, AttentionInt8.class) && launch.arguments()[3] != null));
    chosen.add(
        longest(int8, launch -> is(launch, AttentionInt8.class) && launch.arguments()[3] == null));
    chosen.add(longest(game, launch -> is(launch, CausalConv3d.class)));
    chosen.add(longest(game, launch -> is(launch, CausalConv3d.class) && frames(launch) == 1));
    chosen.add(halving(longest(game, launch -> is(launch, Conv2d.class))));
    return new FamilyLaunches.Chunk(1, chosen);
  }

  private static boolean is(PlannedLaunch launch, Class<?> contract) {
    return launch.contract() == contract;
  }

  private static int frames(PlannedLaunch convolution) {
    return convolution.tensors().getLast().size(0);
  }

  private static PlannedLaunch longest(
      List<PlannedLaunch> launches, Predicate<PlannedLaunch> which) {
    return launches.stream()
        .filter(which)
        .max((one, other) -> Double.compare(one.operations(), other.operations()))
        .orElseThrow();
  }

  private static PlannedLaunch with(PlannedLaunch launch, int index, Object argument) {
    Object[] arguments = launch.arguments().clone();
    arguments[index] = argument;
    return new PlannedLaunch(launch.contract(), launch.method(), arguments);
  }

  /** The same product in fp16, which costs what bf16 does, but for clusters: there it has none. */
  static PlannedLaunch withoutClusters(PlannedLaunch product) {
    Object[] arguments = product.arguments().clone();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof Tensor tensor && tensor.dtype() == DType.BF16) {
        arguments[i] = planned(DType.F16, tensor.shape().extents());
      }
    }
    return new PlannedLaunch(product.contract(), product.method(), arguments);
  }

  /** A downsampling layer for the output of a convolution, as the autoencoder's encoder has it. */
  static PlannedLaunch halving(PlannedLaunch convolution) {
    Tensor x = (Tensor) convolution.arguments()[5];
    int channels = x.size(3);
    Object[] arguments = {
      x,
      planned(x.dtype(), 3, 3, channels, channels),
      convolution.arguments()[2],
      2,
      Conv2d.Padding.bottomRight(1),
      planned(x.dtype(), x.size(0), x.size(1) / 2, x.size(2) / 2, channels)
    };
    return new PlannedLaunch(convolution.contract(), convolution.method(), arguments);
  }

  /** The least wide of products as deep as another for which the launcher takes a tile. */
  private static PlannedLaunch ofTile(PlannedLaunch product, MatmulHopperTile tile) {
    Tensor x = (Tensor) product.arguments()[0];
    int columns = tile.columns();
    while (MatmulHopperTile.fastest(new Work(x.size(0), columns), H200_MULTIPROCESSORS) != tile) {
      columns += 64;
    }
    DType dtype = x.dtype();
    PlannedLaunch plain = with(with(product, 2, null), 3, Activation.NONE);
    return with(
        with(plain, 1, planned(dtype, columns, x.size(1))), 4, planned(dtype, x.size(0), columns));
  }

  /** A tensor without memory, like those of the other launches. */
  private static Tensor planned(DType dtype, long... extents) {
    try (PlanningBackend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      return arena.empty(dtype, extents);
    }
  }
}
