package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;

  @Test
  void readsEveryTensorOnceAndFinishes() {
    try (Checkpoint checkpoint = checkpoint("x", "a.w", "a.b", "head")) {
      Weights weights = Weights.of(checkpoint);
      assertArrayEquals(new float[] {0, 1}, weights.at("a").get("w", 2).toFloats());
      assertArrayEquals(new float[] {1, 2}, weights.get("a.b", 2).toFloats());
      weights.get("head", 2);
      weights.finish();
      assertEquals("a.c", weights.at("a").at("c").path());
    }
  }

  @Test
  void refusesMissingTensorsAndWrongShapes() {
    try (Checkpoint checkpoint = checkpoint("x", "a.w")) {
      Weights a = Weights.of(checkpoint).at("a");
      String file = folder.resolve("x.safetensors").toString();
      refused(file + ": tensor a.v: expected shape [2], but missing", () -> a.get("v", 2));
      refused(file + ": tensor a.w: expected shape [1, 2], found [2]", () -> a.get("w", 1, 2));
      refused(file + ": tensor a.w: expected shape [], found [2]", () -> a.get("w"));
    }
  }

  @Test
  void refusesElementTypesThatAreNoWeights() {
    Path path = folder.resolve("x.safetensors");
    Tensor integers = Tensor.host(DType.I64, Shape.of(1), Arena.ofAuto().allocate(8));
    Tensor half = Tensor.host(DType.BF16, Shape.of(1), Arena.ofAuto().allocate(2));
    SafetensorsWriter.write(path, Map.of("i", integers, "h", half), Map.of());
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      Weights weights = Weights.of(checkpoint);
      assertEquals(DType.BF16, weights.get("h", 1).dtype());
      refused(path + ": tensor i: expected F32, F16 or BF16, found I64", () -> weights.get("i", 1));
    }
  }

  @Test
  void finishListsSurplusTensors() {
    String[] names = new String[13];
    for (int i = 0; i < names.length; i++) {
      names[i] = String.format("t%02d", i);
    }
    try (Checkpoint checkpoint = checkpoint("x", names)) {
      Weights weights = Weights.of(checkpoint);
      weights.get("t00", 2);
      String start =
          folder.resolve("x.safetensors")
              + ": expected no tensors beyond those of the network, found ";
      refused(
          start + "12 surplus: t01, t02, t03, t04, t05, t06, t07, t08, t09, t10 and 2 more",
          weights::finish);
      for (int i = 1; i < 11; i++) {
        weights.get(names[i], 2);
      }
      refused(start + "2 surplus: t11, t12", weights::finish);
    }
  }

  @Test
  void ignoredTensorsNeedNotBeRead() {
    try (Checkpoint checkpoint = checkpoint("x", "a.norm.weight", "a.normal", "b")) {
      Weights weights = Weights.of(checkpoint);
      weights.at("a").ignore("norm", "the reference normalizes without a weight");
      weights.get("b", 2);
      CheckpointException surplus = assertThrows(CheckpointException.class, weights::finish);
      assertTrue(surplus.getMessage().endsWith("found 1 surplus: a.normal"), surplus.getMessage());
      weights.ignore("a.normal", "not needed");
      weights.finish();
      assertEquals("the reference normalizes without a weight", weights.ignored().get("a.norm"));
    }
  }

  @Test
  void hasFindsTensorsAndGroups() {
    try (Checkpoint checkpoint = checkpoint("x", "a.w", "ab", "a-b")) {
      Weights weights = Weights.of(checkpoint);
      assertTrue(weights.has("a"));
      assertTrue(weights.has("a.w"));
      assertTrue(weights.at("a").has("w"));
      assertTrue(weights.has("ab"));
      assertFalse(weights.has("b"));
      assertFalse(weights.has("a.w.x"));
      assertFalse(weights.at("a").has("a"));
    }
  }

  @Test
  void stripAcceptsNamesWithAndWithoutPrefix() {
    try (Checkpoint with = checkpoint("with", "model.a", "model.b");
        Checkpoint without = checkpoint("without", "a", "b");
        Checkpoint mixed = checkpoint("mixed", "model.a", "b")) {
      assertEquals("model", Weights.of(with).strip("model").path());
      Weights.of(with).strip("model").get("a", 2);
      Weights.of(without).strip("model").get("a", 2);
      refused(
          folder.resolve("mixed.safetensors")
              + ": tensor b: expected a name that starts with model., as other tensors have",
          () -> Weights.of(mixed).strip("model"));
    }
  }

  @Test
  void severalCheckpointsAreOneNameSpace() {
    try (Checkpoint one = checkpoint("one", "a");
        Checkpoint two = checkpoint("two", "b");
        Checkpoint clash = checkpoint("clash", "a", "c")) {
      Weights weights = Weights.of(one, two);
      weights.get("a", 2);
      CheckpointException surplus = assertThrows(CheckpointException.class, weights::finish);
      assertTrue(
          surplus.getMessage().startsWith(folder.resolve("two.safetensors") + ": "),
          surplus.getMessage());
      weights.get("b", 2);
      weights.finish();
      refused(
          folder.resolve("clash.safetensors")
              + ": tensor a: expected in one file, found also in "
              + folder.resolve("one.safetensors"),
          () -> Weights.of(one, clash));
    }
  }

  @Test
  void aPlanRecordsRequestsInOrder() {
    PlannedTensors plan = PlannedTensors.of(DType.BF16);
    Weights weights = Weights.of(plan).strip("model").at("b");
    Tensor tensor = weights.get("w", 3, 5);
    weights.get("a", 7);
    weights.get("w", 3, 5);
    weights.finish();
    assertEquals("planned", tensor.buffer().location());
    assertEquals(
        "BF16[3, 5] lies in planned memory, not in host memory",
        assertThrows(IllegalStateException.class, tensor::segment).getMessage());
    assertEquals(
        List.of(
            new TensorSpec("b.w", DType.BF16, Shape.of(3, 5)),
            new TensorSpec("b.a", DType.BF16, Shape.of(7))),
        plan.requests());
    assertEquals(44, plan.byteSize());
  }

  @Test
  void aPlanLikeACheckpointChecksAsTheCheckpointDoes() {
    try (Checkpoint checkpoint = checkpoint("x", "model.a", "model.b")) {
      PlannedTensors plan = PlannedTensors.like(checkpoint);
      Weights weights = Weights.of(plan).strip("model");
      assertEquals("planned", weights.get("a", 2).buffer().location());
      String file = folder.resolve("x.safetensors").toString();
      refused(file + ": tensor model.b: expected shape [3], found [2]", () -> weights.get("b", 3));
      refused(
          file + ": tensor model.c: expected shape [3], but missing", () -> weights.get("c", 3));
      assertEquals("model.a", plan.requests().getFirst().name());
    }
  }

  private Checkpoint checkpoint(String stem, String... names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : names) {
      tensors.put(name, Tensor.of(new float[] {tensors.size(), tensors.size() + 1}, 2));
    }
    SafetensorsWriter.write(folder.resolve(stem + ".safetensors"), tensors, Map.of());
    return Checkpoint.find(folder, stem);
  }

  private static void refused(String message, Executable reading) {
    assertEquals(message, assertThrows(CheckpointException.class, reading).getMessage());
  }
}
