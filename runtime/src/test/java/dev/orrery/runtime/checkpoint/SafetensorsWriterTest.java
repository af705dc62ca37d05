package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void writesExactlyTheseBytes() throws IOException {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(path, Map.of("é", Tensor.of(new float[] {1}, 1, 1)), Map.of("k", "v"));
    byte[] bytes = Files.readAllBytes(path);
    String json =
        "{\"__metadata__\":{\"k\":\"v\"},\"é\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]}}";
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    int padded = (utf8.length + 7) / 8 * 8;
    assertEquals(padded, bytes[0]);
    assertArrayEquals(new byte[7], Arrays.copyOfRange(bytes, 1, 8));
    assertEquals(
        json + " ".repeat(padded - utf8.length),
        new String(bytes, 8, padded, StandardCharsets.UTF_8));
    assertArrayEquals(
        new byte[] {0, 0, (byte) 0x80, 0x3f}, Arrays.copyOfRange(bytes, 8 + padded, bytes.length));
  }

  @Test
  void piecesGiveTheFileOfTheWhole() throws IOException {
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Tensor large = Tensor.of(values, values.length);
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("none", DType.F16, Shape.of(0)),
            new TensorSpec("large", DType.F32, large.shape()),
            new TensorSpec("scalar", DType.F32, Shape.of()));
    Path streamed = folder.resolve("streamed.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(streamed, specs, Map.of())) {
      writer.append("large", large.segment().asSlice(0, 13));
      writer.append("large", large.segment().asSlice(13));
      writer.write("scalar", Tensor.of(new float[] {5}));
      writer.finish();
    }
    try (SafetensorsFile file = SafetensorsFile.open(streamed)) {
      assertArrayEquals(values, file.tensor("large").toFloats());
      assertArrayEquals(new float[] {5}, file.tensor("scalar").toFloats());
      Path whole = folder.resolve("whole.safetensors");
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      file.tensors().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
      SafetensorsWriter.write(whole, tensors, Map.of());
      assertEquals(-1, Files.mismatch(streamed, whole));
    }
  }

  @Test
  void anUnfinishedFileLeavesNothing() throws IOException {
    Path path = Files.writeString(folder.resolve("x.safetensors"), "old");
    List<TensorSpec> specs = List.of(new TensorSpec("a", DType.F32, Shape.of(2)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of())) {
      writer.append("a", MemorySegment.ofArray(new float[1]));
      assertEquals(
          path + ": expected 8 data bytes, found 4",
          assertThrows(IllegalStateException.class, writer::finish).getMessage());
    }
    assertEquals("old", Files.readString(path));
    assertEquals(List.of(path), list());
  }

  @Test
  void refusesDataThatWasNotDeclaredSo() throws IOException {
    Path path = folder.resolve("x.safetensors");
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("a", DType.F32, Shape.of(1)),
            new TensorSpec("b", DType.F32, Shape.of(1)));
    MemorySegment one = MemorySegment.ofArray(new float[1]);
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of())) {
      assertEquals(
          "b: 4 bytes at position 0 are not within its data [4, 8)",
          assertThrows(IllegalArgumentException.class, () -> writer.append("b", one)).getMessage());
      assertEquals(
          "c: not declared for " + path,
          assertThrows(IllegalArgumentException.class, () -> writer.append("c", one)).getMessage());
      assertEquals(
          "a: 8 bytes at position 0 are not within its data [0, 4)",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> writer.append("a", MemorySegment.ofArray(new float[2])))
              .getMessage());
      assertEquals(
          "a: expected F32[1] as declared, found F32[1, 1]",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> writer.write("a", Tensor.of(new float[1], 1, 1)))
              .getMessage());
      writer.append("a", one);
      assertEquals(
          "a: 4 bytes at position 4 are not within its data [0, 4)",
          assertThrows(IllegalArgumentException.class, () -> writer.append("a", one)).getMessage());
    }
    List<TensorSpec> twice = List.of(specs.getFirst(), specs.getFirst());
    assertEquals(
        "tensor name used twice or reserved: a",
        assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.create(path, twice, Map.of()))
            .getMessage());
    assertTrue(list().isEmpty());
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    Path path = folder.resolve("none/x.safetensors");
    CheckpointException refusal =
        assertThrows(
            CheckpointException.class, () -> SafetensorsWriter.write(path, Map.of(), Map.of()));
    assertEquals(path + ": cannot be written: no such file or folder", refusal.getMessage());
  }

  @Test
  void refusesAFolderAsTarget() throws IOException {
    Path path = Files.createDirectories(folder.resolve("x.safetensors/sub")).getParent();
    assertEquals(
        path + ": cannot be written: Is a directory",
        assertThrows(
                CheckpointException.class, () -> SafetensorsWriter.write(path, Map.of(), Map.of()))
            .getMessage());
    assertEquals(List.of(path), list());
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.toList();
    }
  }
}
