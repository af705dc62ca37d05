package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Archives that PyTorch wrote, against safetensors files of the same tensors. */
class TorchArchiveTest {
  @Test
  void givesTheTensorsOfAStateDict() {
    try (TorchArchive archive = TorchArchive.open(resource("state_dict.pth"));
        SafetensorsFile expected = SafetensorsFile.open(resource("state_dict.safetensors"))) {
      assertSame(expected, archive, archive.tensors());
      assertEquals("conv1.weight", archive.tensors().keySet().iterator().next());
      TorchTensor transposed = archive.tensors().get("transposed");
      assertEquals(List.of(1L, 10L), transposed.strides());
      assertEquals(transposed.storage(), archive.tensors().get("shared_b").storage());
    }
  }

  @Test
  void givesTheTensorsOfOneDictionary() {
    try (TorchArchive archive = TorchArchive.open(resource("generator.pt"));
        SafetensorsFile expected = SafetensorsFile.open(resource("generator.safetensors"))) {
      Map<String, TorchTensor> renamed = new TreeMap<>();
      archive
          .tensors("generator")
          .forEach(
              (name, tensor) ->
                  renamed.put(name.replaceFirst("^model\\._fsdp_wrapped_module\\.", ""), tensor));
      assertSame(expected, archive, renamed);
      CheckpointException mixed = assertThrows(CheckpointException.class, () -> archive.tensors());
      assertEquals(
          archive.path()
              + ": step: expected a tensor or a dictionary of tensors, found a number; keys of tensors:"
              + " generator (4 tensors), generator_ema (4 tensors)",
          mixed.getMessage());
      CheckpointException missing =
          assertThrows(CheckpointException.class, () -> archive.tensors("critic"));
      assertEquals(
          archive.path()
              + ": expected a dictionary critic, found none; keys of tensors:"
              + " generator (4 tensors), generator_ema (4 tensors)",
          missing.getMessage());
      CheckpointException leaf =
          assertThrows(CheckpointException.class, () -> archive.tensors("step"));
      assertTrue(
          leaf.getMessage()
              .contains("step: expected a dictionary of tensors, found a number; keys"),
          leaf.getMessage());
    }
  }

  @Test
  void givesThePlainValues() {
    try (TorchArchive archive = TorchArchive.open(resource("generator.pt"))) {
      var root = assertInstanceOf(TorchValue.Dictionary.class, archive.tree());
      assertEquals(
          List.of("generator", "generator_ema", "step", "args"),
          List.copyOf(root.entries().keySet()));
      assertEquals(new TorchValue.Int(1000), root.entries().get("step"));
      assertEquals(
          new TorchValue.Dictionary(
              Map.of(
                  "lr", new TorchValue.Real(1e-4),
                  "names",
                      new TorchValue.Sequence(
                          List.of(new TorchValue.Text("a"), new TorchValue.Text("b"))),
                  "none", new TorchValue.None(),
                  "flag", new TorchValue.Bool(true))),
          root.entries().get("args"));
    }
  }

  @Test
  void readsPieces() {
    try (TorchArchive archive = TorchArchive.open(resource("state_dict.pth"))) {
      archive
          .tensors()
          .forEach(
              (name, tensor) -> {
                byte[] whole = bytes(archive, tensor);
                int step = tensor.dtype().byteSize();
                for (int elements : new int[] {1, 2, 3, 11}) {
                  byte[] pieces = new byte[whole.length];
                  for (int at = 0; at < whole.length; at += elements * step) {
                    int length = Math.min(elements * step, whole.length - at);
                    archive.read(tensor, at, MemorySegment.ofArray(pieces).asSlice(at, length));
                  }
                  assertArrayEquals(whole, pieces, name);
                }
              });
    }
  }

  @Test
  void readsOnlyWhatThereIs() {
    try (TorchArchive archive = TorchArchive.open(resource("state_dict.pth"));
        TorchArchive other = TorchArchive.open(resource("generator.pt"))) {
      TorchTensor half = archive.tensors().get("half");
      MemorySegment two = MemorySegment.ofArray(new byte[2]);
      archive.read(half, 28, two);
      for (long position : new long[] {-2, 1, 30, Long.MAX_VALUE - 1}) {
        assertEquals(
            "expected whole elements of 2 bytes among 30, found 2 bytes at " + position,
            assertThrows(
                    IllegalArgumentException.class,
                    () -> archive.read(half, position, two),
                    "" + position)
                .getMessage());
      }
      MemorySegment one = MemorySegment.ofArray(new byte[1]);
      assertEquals(
          "expected whole elements of 2 bytes among 30, found 1 bytes at 0",
          assertThrows(IllegalArgumentException.class, () -> archive.read(half, 0, one))
              .getMessage());
      assertEquals(
          "expected a tensor of " + resource("generator.pt") + ", found another",
          assertThrows(IllegalArgumentException.class, () -> other.read(half, 0, two))
              .getMessage());
    }
  }

  @Test
  void tensorsEndWithTheArchive() {
    TorchArchive archive = TorchArchive.open(resource("state_dict.pth"));
    TorchTensor half = archive.tensors().get("half");
    archive.close();
    archive.close();
    assertThrows(IllegalStateException.class, () -> bytes(archive, half));
    assertEquals(Shape.of(3, 5), half.shape());
  }

  @Test
  void refusesTheOlderFormat() {
    CheckpointException refusal =
        assertThrows(
            CheckpointException.class, () -> TorchArchive.open(resource("legacy.pth")).close());
    assertTrue(
        refusal.getMessage().contains("of the older stream format; load and"), refusal.toString());
  }

  @Test
  void refusesCalls() {
    CheckpointException refusal =
        assertThrows(
            CheckpointException.class,
            () -> TorchArchive.open(resource("forbidden_global.pth")).close());
    assertTrue(
        refusal
            .getMessage()
            .endsWith(
                "forbidden_global/data.pkl: byte 174: expected names that describe tensors or plain"
                    + " values, found __builtin__.print; nothing of the file was run"),
        refusal.getMessage());
  }

  private static void assertSame(
      SafetensorsFile expected, TorchArchive archive, Map<String, TorchTensor> tensors) {
    assertFalse(tensors.isEmpty());
    assertEquals(expected.tensors().keySet(), new TreeMap<>(tensors).keySet());
    tensors.forEach(
        (name, tensor) -> {
          Tensor reference = expected.tensor(name);
          assertEquals(reference.dtype(), tensor.dtype(), name);
          assertEquals(reference.shape(), tensor.shape(), name);
          assertArrayEquals(
              reference.segment().toArray(ValueLayout.JAVA_BYTE), bytes(archive, tensor), name);
        });
  }

  private static byte[] bytes(TorchArchive archive, TorchTensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    archive.read(tensor, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static Path resource(String name) {
    try {
      return Path.of(TorchArchiveTest.class.getResource("/torch/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
