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
  static Stream<PlantedBug> bugs() {
    return Stream.of(
        portable("cp_async_wait<1>();\n    if (t == 0) {", "if (t == 0) {", "on its way"),
        portable("__syncthreads();  // the keys", "// the keys", "shared memory"),
        portable("__syncthreads();  // the same", "// the same", "asynchronous"),
        portable("row < rows && column < columns", "column < columns", "out of bounds"),
        portable("row < rows && chunk * 8 < columns", "chunk * 8 < columns", "out of bounds"),
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
        hopper("if (warpgroup == 0 || t + 1 < tiles) pass", "if (warpgroup == 0) pass", "deadlock"),
        hopper("kConsumerRegisters = 240", "kConsumerRegisters = 248", "deadlock"),
        hopper("if (row < queries)", "", "out of bounds"));
  }

  private static PlantedBug portable(String found, String replacement, String report) {
    return new PlantedBug("Attention", found, replacement, report);
  }

  private static PlantedBug hopper(String found, String replacement, String report) {
    return new PlantedBug("AttentionHopper", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isReported(PlantedBug bug) {
    int capability = bug.stem().equals("AttentionHopper") ? 90 : 80;
    bug.isReported(capability, Attention.class, DType.BF16, AttentionPlantedBugTest::attend);
  }

  /** Plain keys that have a matrix, and frames that are counted with them. */
  static Stream<PlantedBug> bugsOfCameras() {
    return Stream.of(
        cameras("if (first + row < plain) continue;", "", "out of bounds"),
        cameras("(first + row - plain) / rows_per_frame", "(first + row) / rows_per_frame", "out"),
        cameras("if (first + row >= count) break;", "", "out of bounds"));
  }

  private static PlantedBug cameras(String found, String replacement, String report) {
    return new PlantedBug("PropeAttention", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugsOfCameras")
  void isReportedWithCameras(PlantedBug bug) {
    bug.isReported(80, PropeAttention.class, DType.BF16, AttentionPlantedBugTest::see);
  }

  /** More plain keys than a tile has, and more of them than a frame. */
  private static Tensor see(PropeAttention attention, Inputs inputs) {
    Tensor out = inputs.output(20, 1, 64);
    attention.run(
        inputs.activation(1, 20, 1, 64),
        inputs.activation(2, 90, 1, 64),
        inputs.activation(3, 90, 1, 64),
        inputs.fp32(4, 2, 4, 4),
        inputs.fp32(5, 4, 4, 4),
        70,
        0.125,
        out);
    return out;
  }

  /** So many keys that both kernels use each of their buffers at least twice. */
  private static Tensor attend(Attention attention, Inputs inputs) {
    Tensor q = inputs.activation(1, 20, 1, 64);
    Tensor k = inputs.activation(2, 530, 1, 64);
    Tensor v = inputs.activation(3, 530, 1, 64);
    Tensor out = inputs.output(20, 1, 64);
    attention.run(q, k, v, 0.125, out);
    return out;
  }
}
