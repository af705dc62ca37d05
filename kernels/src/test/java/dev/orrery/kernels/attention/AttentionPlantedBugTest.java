package dev.orrery.kernels.attention;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The emulator reports what is taken out of the kernels: waiting, order and bounds. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class AttentionPlantedBugTest {
  private static final String BARRIER = "__syncthreads();  // the part";

  static Stream<PlantedBug> bugs() {
    return Stream.of(
        hopper(
            "if (t >= kSlots) mbar_wait(shared.keys_free(t), phase(t - kSlots));",
            "",
            "asynchronous write"),
        hopper(
            "if (t >= kSlots) mbar_wait(shared.values_free(t), phase(t - kSlots));",
            "",
            "asynchronous write"),
        hopper("mbar_wait(shared.keys_full(t), phase(t));", "", "shared memory"),
        hopper("mbar_wait(shared.values_full(t - 1), phase(t - 1));", "", "shared memory"),
        hopper("release(shared.values_free(t - 1));", "", "deadlock"),
        hopper("(warpgroup == 0 || t + 1 < tiles)", "warpgroup == 0", "deadlock"),
        hopper("kConsumerRegisters = 240", "kConsumerRegisters = 248", "deadlock"),
        hopper("if (row < queries)", "", "out of bounds"));
  }

  private static PlantedBug hopper(String found, String replacement, String report) {
    return new PlantedBug("AttentionHopper", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isReported(PlantedBug bug) {
    bug.isReported(90, Attention.class, DType.BF16, AttentionPlantedBugTest::attend);
  }

  private static PlantedBug wide(String found, String replacement, String report) {
    return new PlantedBug("Attention", found, replacement, report);
  }

  static Stream<PlantedBug> bugsOfWideHeads() {
    return Stream.of(
        wide("cp_async_wait<kStages - 2>();", "", "on its way"),
        wide("__syncthreads();  // it is here", "// it is here", "shared memory"),
        wide("keys - t * kKeys, head_dim - channel", "keys - t * kKeys, head_dim", "out of"),
        wide("head_dim - first_column);\n    }", "head_dim);\n    }", "out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfWideHeads")
  void isReportedOfWideHeads(PlantedBug bug) {
    bug.isReported(80, Attention.class, DType.BF16, AttentionPlantedBugTest::attendWide);
  }

  /** Mistakes of a portable tile that touch nothing they must not: a part or rows of another. */
  static Stream<PlantedBug> mistakenRows() {
    return Stream.of(
        tile("load(next < kParts ? t : t + 1, ", "load(t, "),
        tile("k + row + column, stride", "k + row, stride"),
        tile("t * kKeys * stride + column, stride", "t * kKeys * stride, stride"),
        tile("tile * 16 + lane % 16", "lane % 16"),
        tile("weights[tile * kSteps + step]", "weights[step]"),
        tile("mask_keys(of_tile, keys - t", "if (tile == 0) mask_keys(of_tile, keys - t"));
  }

  private static PlantedBug tile(String found, String replacement) {
    return new PlantedBug("Attention", found, replacement, "");
  }

  @ParameterizedTest
  @MethodSource("mistakenRows")
  void missesTheLimit(PlantedBug bug) {
    bug.isWrong(80, Attention.class, DType.F16, AttentionPlantedBugTest::attendToParts);
  }

  /** Queries of two tiles of a warp, and heads in two parts. */
  private static Tensor attendToParts(Attention attention, Inputs inputs) {
    Tensor out = inputs.output(20, 1, 128);
    attention.run(
        inputs.activation(1, 20, 1, 128),
        inputs.activation(2, 90, 1, 128),
        inputs.activation(3, 90, 1, 128),
        0.1,
        out);
    return out;
  }

  /**
   * Those of every portable tile, and those of cameras: plain keys that have a matrix, frames that
   * are counted with them, and queries behind the last.
   */
  static Stream<PlantedBug> bugsOfCameras() {
    return Stream.of(
        cameras("cp_async_wait<kStages - 2>();\n    " + BARRIER, BARRIER, "on its way"),
        cameras(BARRIER, "// the part", "shared memory"),
        cameras("row < rows && column < columns", "column < columns", "out of bounds"),
        cameras("row < rows && chunk * 8 < columns", "chunk * 8 < columns", "out of bounds"),
        cameras("key < cameras.plain_keys ? nullptr : cameras", "cameras", "out of bounds"),
        cameras("(key - plain_keys) / keys_per_frame", "key / keys_per_frame", "out of bounds"),
        cameras("chunk < chunks; chunk", "chunk < 32; chunk", "out of bounds"),
        cameras("min(query, queries - 1)", "query", "out of bounds"),
        new PlantedBug(
            "PropeAttentionHopper", "min(query, queries - 1)", "query", "out of bounds"));
  }

  private static PlantedBug cameras(String found, String replacement, String report) {
    return new PlantedBug("PropeAttention", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugsOfCameras")
  void isReportedWithCameras(PlantedBug bug) {
    int capability = bug.stem().endsWith("Hopper") ? 90 : 80;
    bug.isReported(capability, PropeAttention.class, DType.BF16, AttentionPlantedBugTest::see);
  }

  /**
   * More plain keys than a tile has, and more of them than a frame; and so many keys that each
   * buffer is used at least twice.
   */
  private static Tensor see(PropeAttention attention, Inputs inputs) {
    Tensor out = inputs.output(20, 1, 64);
    attention.run(
        inputs.activation(1, 20, 1, 64),
        inputs.activation(2, 330, 1, 64),
        inputs.activation(3, 330, 1, 64),
        inputs.fp32(4, 2, 4, 4),
        inputs.fp32(5, 4, 4, 4),
        70,
        0.125,
        inputs.output(2 * 330, 1, 64),
        out);
    return out;
  }

  /** Blocks of Hopper whose second warpgroup has no queries. */
  static Stream<PlantedBug> bugsOfFewQueries() {
    return Stream.of(
        hopper("if (in_turns) take_turn", "take_turn", "deadlock"),
        hopper(
            "values_free(slot), work.consumers *", "values_free(slot), kConsumers *", "deadlock"),
        hopper("threadIdx.x < work.consumers * kWarpgroup", "true", "shared memory"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfFewQueries")
  void isReportedOfFewQueries(PlantedBug bug) {
    bug.isReported(90, Attention.class, DType.BF16, (k, inputs) -> attend(k, inputs, 20));
  }

  private static Tensor attend(Attention attention, Inputs inputs) {
    return attend(attention, inputs, 100);
  }

  /** So many keys that each slot is used at least twice. */
  private static Tensor attend(Attention attention, Inputs inputs, int queries) {
    Tensor q = inputs.activation(1, queries, 1, 64);
    Tensor k = inputs.activation(2, 530, 1, 64);
    Tensor v = inputs.activation(3, 530, 1, 64);
    Tensor out = inputs.output(queries, 1, 64);
    attention.run(q, k, v, 0.125, out);
    return out;
  }

  /** Two slices of columns, and a last part of the channels that is not full. */
  private static Tensor attendWide(Attention attention, Inputs inputs) {
    Tensor out = inputs.output(20, 1, 200);
    attention.run(
        inputs.activation(1, 20, 1, 200),
        inputs.activation(2, 90, 1, 200),
        inputs.activation(3, 90, 1, 200),
        0.1,
        out);
    return out;
  }
}
