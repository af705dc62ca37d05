package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.conv.ConvHopperTile;
import dev.orrery.kernels.conv.ConvKn2rowTile;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Quantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions follow from the sources' tiles, and come near those that were counted by hand. */
class CudaCostTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("project.root"));
  private static final String CUDA = "kernels/src/main/cuda";
  private static final String LAUNCHERS = "kernels/src/main/java/dev/orrery/kernels";

  private static FamilyLaunches.Chunk matrixGame;
  private static FamilyLaunches.Chunk worldPlay;

  @TempDir Path root;

  @BeforeAll
  static void plan() {
    matrixGame = FamilyLaunches.onGpu("matrix-game-2", null);
    worldPlay = FamilyLaunches.onGpu("worldplay-wan5b", null);
  }

  private static ChunkCost.Row row(FamilyLaunches.Chunk chunk, Path root, String shape) {
    return row(chunk, new CudaCost(root), root, shape);
  }

  private static ChunkCost.Row row(
      FamilyLaunches.Chunk chunk, CudaCost costs, Path root, String shape) {
    ChunkCost cost = ChunkCost.of(chunk, costs, new MeasuredTimes(root));
    return cost.rows().stream()
        .filter(each -> (each.operation() + " " + each.shape()).equals(shape))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + shape));
  }

  /** Costs without clusters, whose products wait for L2. */
  private static CudaCost alone(Path root) {
    return new CudaCost(root, new MatmulCost.Hopper(1, false));
  }

  /** Counts by hand are of kernels that are started one after the other, without clusters. */
  private static void assertMicroseconds(
      double least, double most, FamilyLaunches.Chunk chunk, String shape) {
    double seconds = row(chunk, alone(CHECKOUT), CHECKOUT, shape).cost().seconds();
    double microseconds = 1e6 * (seconds + HopperRates.OVERLAP);
    assertTrue(
        least <= microseconds && microseconds <= most,
        () -> shape + ": " + microseconds + " us, by hand " + least + " to " + most);
  }

  /**
   * Ranges that a count by hand gave. Products with a residual or GELU are below the count, which
   * was of ends that waited for one load and hid nothing.
   */
  @Test
  void isNearWhatWasCountedByHand() {
    assertMicroseconds(21, 25, matrixGame, "Matmul M x K x N = 2640 x 1536 x 1536");
    assertMicroseconds(22, 26, matrixGame, "MatmulResidual M x K x N = 2640 x 1536 x 1536");
    assertMicroseconds(112, 122, matrixGame, "Matmul M x K x N = 2640 x 1536 x 8960");
    assertMicroseconds(106, 116, matrixGame, "MatmulResidual M x K x N = 2640 x 8960 x 1536");
    assertMicroseconds(140, 160, matrixGame, "Attention Tq x Tk x H x D = 2640 x 5280 x 12 x 128");
    assertMicroseconds(
        560,
        640,
        matrixGame,
        "CausalConv3d Kt x K x K x Ci x Co x T x Y x X = 3 x 3 x 3 x 96 x 96 x 4 x 352 x 640");
    assertMicroseconds(
        47,
        55,
        matrixGame,
        "CausalConv3d Kt x K x K x Ci x Co x T x Y x X = 3 x 3 x 3 x 384 x 384 x 1 x 44 x 80");
    assertMicroseconds(
        1150, 1250, worldPlay, "Attention Tq x Tk x H x D = 3520 x 17600 x 24 x 128");
    assertMicroseconds(
        1250, 1400, worldPlay, "PropeAttention Tq x Tk x H x D = 3520 x 17600 x 24 x 128");
    assertMicroseconds(700, 900, worldPlay, "Attention Tq x Tk x H x D = 3520 x 3520 x 1 x 1024");
  }

  /**
   * 24 heads of 27.5 tiles of queries: 648 whole blocks, and 24 halves that fill the fifth round.
   */
  @Test
  void halvesFillTheLastRound() {
    String shape = "Attention Tq x Tk x H x D = 3520 x 17600 x 24 x 128";
    LaunchCost cost = row(worldPlay, CHECKOUT, shape).cost();
    assertEquals(672, cost.blocks());
    assertEquals(24, cost.halves());
    assertEquals(5, cost.rounds());
    assertEquals(
        5.5,
        new LaunchCost("", 685, 1, cost.step(), 1, 0, 0, 25, 0, 0).rounds(),
        "660 whole blocks, and halves behind them");
  }

  /**
   * 21 rows of 6 tiles of 128 x 256, which pairs fill up to 22, are one round; a slice is 1024
   * cycles, and 16 KB of x and half of 32 KB of the weight from L2.
   */
  @Test
  void countsTheTilesOfAProduct() {
    LaunchCost cost = row(matrixGame, CHECKOUT, "Matmul M x K x N = 2640 x 1536 x 1536").cost();
    assertEquals(132, cost.blocks());
    assertEquals(1, cost.rounds());
    assertEquals(24, cost.steps());
    assertEquals(1024, cost.step().tensor());
    assertEquals(256 + 3 * 256, cost.step().shared());
    assertEquals(32 * 1024 / 39.0, cost.step().l2(), 1e-9);
  }

  /**
   * Queries, keys and values of 3520 tokens: three times 336 tiles of 128 x 256 are 8 rounds, of
   * which each but the last hides its end; one by one they would be 9.
   */
  @Test
  void countsTheTilesOfLayersWithOneInput() {
    String shape = "Matmul M x K x N = 3520 x 3072 x 3072";
    LaunchCost one = row(worldPlay, CHECKOUT, shape).cost();
    LaunchCost three = row(worldPlay, CHECKOUT, shape + ", 3 layers").cost();
    assertEquals(3, one.rounds());
    assertEquals(3 * one.blocks(), three.blocks());
    assertEquals(8, three.rounds());
    assertEquals(one.steps(), three.steps());
    assertEquals(2 * (3520 + 3 * (3072 + 3520)) * 3072.0, three.memoryBytes(), "x is read once");
    assertMicroseconds(280, 300, worldPlay, shape + ", 3 layers");
    FamilyLaunches.Chunk quantized = FamilyLaunches.onGpu("matrix-game-2", Quantization.INT8);
    LaunchCost int8 =
        row(quantized, CHECKOUT, "MatmulInt8 M x K x N = 2640 x 1536 x 1536, 3 layers").cost();
    assertEquals(3 * 132, int8.blocks());
    assertEquals(3, int8.rounds());
  }

  /** As many bytes of int8 are twice as many products, and slices as of bf16. */
  @Test
  void countsTheTilesOfAnInt8Product() {
    FamilyLaunches.Chunk quantized = FamilyLaunches.onGpu("matrix-game-2", Quantization.INT8);
    LaunchCost cost = row(quantized, CHECKOUT, "MatmulInt8 M x K x N = 2640 x 1536 x 8960").cost();
    assertEquals(770, cost.blocks());
    assertEquals(6, cost.rounds());
    assertEquals(12, cost.steps());
    assertEquals(1024, cost.step().tensor());
    assertEquals(32 * 1024 / 39.0, cost.step().l2(), 1e-9);
    // Sums to shared memory and back; an exponential and a reciprocal, and scales, of each element.
    assertEquals(2 * 1024 + 128 * 256 * (2 / 16.0 + 3 / 128.0), cost.endCycles(), 1e-9);
  }

  /**
   * Scores of int8 take half as long as those of 16 bits and their keys half the bytes; each score
   * is converted. What quantises reads 2 bytes an element and writes one.
   */
  @Test
  void countsTheTilesOfAttentionInInt8() {
    FamilyLaunches.Chunk int8 =
        FamilyLaunches.onGpu("worldplay-wan5b", null, AttentionPrecision.INT8);
    String size = "Tq x Tk x H x D = 3520 x 17600 x 24 x 128";
    LaunchCost cost = row(int8, CHECKOUT, "AttentionInt8 " + size).cost();
    assertEquals(672, cost.blocks());
    assertEquals(138, cost.steps());
    assertEquals(1536, cost.step().tensor());
    assertEquals((3 * 48 + 16) * 1024 / 128, cost.step().shared());
    assertEquals(48 * 1024 / 39.0, cost.step().l2(), 1e-9);
    assertEquals(128 * 128 / 128.0, cost.step().issue());
    double bytes = (3520 + 17600) * 24 * 128 * 3.0;
    assertEquals(3e-6 + bytes / 4.3e12, cost.secondsBefore(), 2e-6);
    double exact = row(worldPlay, CHECKOUT, "Attention " + size).cost().seconds();
    assertTrue(cost.seconds() < 0.95 * exact, () -> cost.seconds() + " s, where " + exact);
    String cameras = "AttentionInt8 " + size + ", with cameras";
    double seen = row(int8, CHECKOUT, cameras).cost().seconds();
    double exactSeen = row(worldPlay, CHECKOUT, "PropeAttention " + size).cost().seconds();
    assertTrue(seen < 0.92 * exactSeen, () -> seen + " s, where " + exactSeen);
  }

  /**
   * 3520 tiles of 16 x 16 pixels and 96 channels are 27 rounds. A step of 64 channels and three
   * rows of the kernel takes 2304 cycles of tensor cores, one of the 32 channels behind them half;
   * shared memory takes in 18 x 16 pixels and the weights in two chunks of 64, and gives 2 KB of
   * pixels and 3 of weights to every product.
   */
  @Test
  void countsTheTilesOfAConvolution() {
    LaunchCost cost = row(matrixGame, CHECKOUT, conv("96 x 96 x 4 x 352 x 640")).cost();
    assertEquals(3520, cost.blocks());
    assertEquals(27, cost.rounds());
    assertEquals(18, cost.steps());
    assertEquals((2304 + 1152) / 2 / HopperRates.SUSTAINED_SHARE, cost.step().tensor(), 1e-9);
    assertEquals(18 * 16 + (3 * 128 + 3 * 64 + 72 * 40) / 2.0, cost.step().shared());
    assertEquals((18 * 16 + 3 * 96) * 48 * 2 / 39.0, cost.step().l2(), 1e-9);
  }

  /**
   * 880 tiles of 16 x 16 pixels are 7 rounds. With a stride of two a step takes in two boxes, of 17
   * x 16 pixels each; products are those of a stride of one.
   */
  @Test
  void countsTheBoxesOfAStride() {
    PlannedLaunch convolution =
        matrixGame.launches().stream()
            .filter(launch -> CudaCost.shape(launch).endsWith("192 x 96 x 4 x 352 x 640"))
            .findFirst()
            .orElseThrow();
    PlannedLaunch halving = GpuQuestions.halving(convolution);
    assertEquals(
        "K x K x Ci x Co x T x Y x X = 3 x 3 x 96 x 96 x 4 x 176 x 320, stride 2",
        CudaCost.shape(halving));
    LaunchCost cost = new CudaCost(CHECKOUT).of(halving);
    assertEquals(880, cost.blocks());
    assertEquals(7, cost.rounds());
    assertEquals(2 * 3, cost.steps());
    assertEquals((2304 + 1152) / 2 / HopperRates.SUSTAINED_SHARE, cost.step().tensor(), 1e-9);
    assertEquals(34 * 16 + (3 * 128 + 3 * 64 + 72 * 40) / 2.0, cost.step().shared());
    assertEquals((34 * 16 + 3 * 96) * 48 * 2 / 39.0, cost.step().l2(), 1e-9);
    double portable = downsampling(CHECKOUT).seconds();
    assertTrue(cost.seconds() < 0.7 * portable, () -> cost.seconds() + " s, where " + portable);
  }

  /**
   * 26 x 46 tiles of 14 x 14 outputs in each of four frames are 37 rounds. A step multiplies 16 x
   * 16 pixels by 64 columns, of which 48 come from L2, over 64 or 32 input channels.
   */
  @Test
  void countsTheTilesOfAHead() {
    String head = conv("96 x 3 x 4 x 352 x 640");
    LaunchCost cost = row(matrixGame, CHECKOUT, head).cost();
    assertEquals(4784, cost.blocks());
    assertEquals(37, cost.rounds());
    assertEquals(2 * 3, cost.steps());
    assertEquals(
        2 * 256 * 48 * 64 / 4096 / HopperRates.SUSTAINED_SHARE, cost.step().tensor(), 1e-9);
    assertEquals(256 + 64 + 3 * 4 * 32, cost.step().shared());
    assertEquals((256 + 48) * 48 * 2 / 39.0, cost.step().l2(), 1e-9);
    assertMicroseconds(110, 145, matrixGame, head);
    assertMicroseconds(370, 430, worldPlay, conv("256 x 12 x 4 x 352 x 640"));
  }

  private static String conv(String channelsAndPixels) {
    return "CausalConv3d Kt x K x K x Ci x Co x T x Y x X = 3 x 3 x 3 x " + channelsAndPixels;
  }

  /**
   * WorldPlay-5B has 16 frames a second. The largest convolution of TAEHV is 66 GFLOP, which fill
   * two thirds of its tiles: 150 us at what tensor cores sustain, and 3520 tiles to store.
   */
  @Test
  void theTinyDecoderBringsWorldPlayToTheRateOfItsVideo() {
    for (Quantization form : List.of(Quantization.INT8, Quantization.FP8)) {
      FamilyLaunches.Chunk chunk =
          FamilyLaunches.onGpu("worldplay-wan5b", form, LatentDecoder.TAEHV);
      ChunkCost cost = ChunkCost.of(chunk, new CudaCost(CHECKOUT), new MeasuredTimes(CHECKOUT));
      assertTrue(cost.framesPerSecond() >= 16, () -> form + ": " + cost.framesPerSecond());
      double seconds =
          cost.rows().stream()
              .filter(row -> row.operation().equals("Conv2d"))
              .mapToDouble(ChunkCost.Row::seconds)
              .sum();
      assertTrue(seconds < 0.01 * cost.seconds(), () -> "convolutions take " + seconds + " s");
      assertMicroseconds(
          150, 220, chunk, "Conv2d K x K x Ci x Co x T x Y x X = 3 x 3 x 64 x 64 x 4 x 352 x 640");
    }
  }

  @Test
  void launcherAndSourceHaveTheSameTiles() {
    assertEquals(
        Arrays.stream(MatmulHopperTile.values()).map(MatmulHopperTile::columns).toList(),
        new CudaSources(CHECKOUT)
            .inSource("matmul_hopper.cuh", "using \\w+ = Tile<(\\d+), \\d+>;").stream()
                .map(row -> row[0])
                .toList());
    assertEquals(
        Arrays.stream(ConvHopperTile.values())
            .map(tile -> List.of(tile.rows(), tile.channels()))
            .toList(),
        new CudaSources(CHECKOUT)
            .inSource("ConvHopper.cu", "using \\w+ = Tile<(\\d+), (\\d+), \\d+, \\d+>;").stream()
                .map(row -> List.of(row[0], row[1]))
                .toList());
    assertEquals(
        Arrays.stream(ConvKn2rowTile.values())
            .map(tile -> List.of(tile.channels(), tile.slots()))
            .toList(),
        new CudaSources(CHECKOUT)
            .inSource("ConvKn2rowHopper.cu", "using \\w+ = Positions<(\\d+), (\\d+)>;").stream()
                .map(row -> List.of(row[0], row[1]))
                .toList());
  }

  @Test
  void followsTheSources() throws IOException {
    copySources();
    String residual = "MatmulResidual M x K x N = 2640 x 1536 x 1536";
    double before = row(matrixGame, root, residual).cost().endCycles();
    replace(CUDA + "/matmul_epilogue.cuh", "kLoadsInFlight = 4;", "kLoadsInFlight = 2;");
    assertEquals(
        before + 4 * HopperRates.LATENCY, row(matrixGame, root, residual).cost().endCycles());
    String rounds = "Matmul M x K x N = 2640 x 1536 x 8960";
    double hiding = row(matrixGame, alone(root), root, rounds).cost().seconds();
    replace(CUDA + "/matmul_hopper.cuh", "Tile<256, 4>", "Tile<256, 1>");
    double one = row(matrixGame, alone(root), root, rounds).cost().seconds();
    assertTrue(hiding < one, "a ring of one slot");
    String attention = "Attention Tq x Tk x H x D = 2640 x 5280 x 12 x 128";
    assertEquals(252, row(matrixGame, root, attention).cost().blocks());
    replace(CUDA + "/attention_hopper.cuh", "kQueries = 128;", "kQueries = 192;");
    assertEquals(168, row(matrixGame, root, attention).cost().blocks());
    replace(
        LAUNCHERS + "/conv/ConvLauncher.java", "_128x96\", 128, 96, 336", "_128x96\", 128, 96, 9");
    assertEquals(9, downsampling(root).step().shared());
  }

  /** A downsampling layer of the encoder as {@code conv.cuh} computes it. */
  private static LaunchCost downsampling(Path root) {
    JsonValue stored = JsonValue.read(root.resolve(CudaKernelsPage.RESULTS));
    ConvCost cost = new ConvCost(new CudaSources(root), new KernelResources(stored, "90a"));
    return cost.cost(
        "Conv2d", "conv2d", new ConvCost.Convolution(4 * 176 * 320, 96, 9 * 96, 96, 3, 0));
  }

  @Test
  void wantsChangedCodeCountedAgain() throws IOException {
    copySources();
    replace(CUDA + "/activation.cuh", "fmaf(kCubic", "fast_fmaf(kCubic");
    CudaCost changed = new CudaCost(root);
    MeasuredTimes none = new MeasuredTimes(root);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> ChunkCost.of(matrixGame, changed, none));
    assertEquals(
        "activation.cuh changed: count the instructions of GELU_TANH again", e.getMessage());
  }

  @Test
  void listsWhatMissesFirst() throws IOException {
    copySources();
    Path stored = root.resolve(GpuPage.RESULTS).resolve("h200").resolve(GpuPage.FILE);
    Files.createDirectories(stored.getParent());
    Files.writeString(
        stored,
        """
        {"gpu": "NVIDIA H200", "bench": {"kernels": [
          {"kernel": "Matmul", "shape": "M x K x N = 2640 x 1536 x 8960", "dtype": "BF16",
           "microseconds": 130.0},
          {"kernel": "Matmul", "shape": "M x K x N = 2640 x 144 x 1536", "dtype": "F32",
           "microseconds": 1.0},
          {"kernel": "ChannelRmsNorm", "shape": "P x C = 901120 x 96", "dtype": "F16",
           "microseconds": 400.0}]}}
        """);
    List<ChunkCost.Row> rows =
        ChunkCost.of(matrixGame, new CudaCost(root), new MeasuredTimes(root)).rows();
    assertEquals("ChannelRmsNorm", rows.getFirst().operation());
    assertTrue(rows.getFirst().misses());
    assertEquals(1, rows.stream().filter(ChunkCost.Row::misses).count());
    assertEquals(2, rows.stream().filter(each -> each.measured().isPresent()).count());
    assertEquals(
        OptionalDouble.of(130e-6),
        row(matrixGame, root, "Matmul M x K x N = 2640 x 1536 x 8960").measured());
  }

  private void copySources() throws IOException {
    for (String folder : List.of(CUDA, LAUNCHERS + "/conv", LAUNCHERS + "/attention")) {
      Files.createDirectories(root.resolve(folder));
      try (Stream<Path> files = Files.list(CHECKOUT.resolve(folder))) {
        for (Path file : files.toList()) {
          Files.copy(file, root.resolve(folder).resolve(file.getFileName()));
        }
      }
    }
    Path results = root.resolve(CudaKernelsPage.RESULTS);
    Files.createDirectories(results.getParent());
    Files.copy(CHECKOUT.resolve(CudaKernelsPage.RESULTS), results);
  }

  private void replace(String file, String old, String with) throws IOException {
    Path path = root.resolve(file);
    String text = Files.readString(path);
    assertTrue(text.contains(old), file + " has no " + old);
    Files.writeString(path, text.replace(old, with));
  }
}
