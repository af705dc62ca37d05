package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void shards() throws IOException {
    folder = Files.createDirectory(root.resolve("model"));
    shard(folder.resolve("m-1.safetensors"), "a", "b");
    shard(folder.resolve("m-2.safetensors"), "c");
  }

  @Test
  void readsShards() throws IOException {
    Path index =
        index("{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}");
    try (Checkpoint checkpoint = Checkpoint.find(folder, "m")) {
      assertEquals(index, checkpoint.path());
      assertEquals(Set.of("a", "b", "c"), checkpoint.names());
      assertEquals(2, checkpoint.files().size());
      assertEquals(12, checkpoint.byteSize());
      assertArrayEquals(
          new float[] {'c'}, checkpoint.find("c", Shape.of(1)).orElseThrow().toFloats());
      assertTrue(checkpoint.find("d", Shape.of(1)).isEmpty());
      assertEquals(
          folder.resolve("m-2.safetensors").toAbsolutePath().toString(), checkpoint.location("c"));
      assertEquals(index.toString(), checkpoint.location("d"));
      List<Long> progress = new ArrayList<>();
      checkpoint.load(progress::add);
      assertEquals(List.of(8L, 12L), progress);
    }
  }

  @Test
  void findNamesBothPossibilities() {
    CheckpointException missing =
        assertThrows(CheckpointException.class, () -> Checkpoint.find(folder, "x"));
    assertEquals(
        folder + ": expected x.safetensors or x.safetensors.index.json, found neither",
        missing.getMessage());
    assertTrue(
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder.resolve("x.pth")))
            .getMessage()
            .contains("expected a name that ends in .safetensors"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../out.safetensors",
        "/out.safetensors",
        "sub/m.safetensors",
        "..\\\\out",
        "C:x",
        "a\\u0000b",
        "\\n/../../out.safetensors"
      })
  void refusesShardPathsThatAreNoPlainNames(String name) throws IOException {
    shard(root.resolve("out.safetensors"), "a");
    refused(index("{\"a\":\"" + name + "\"}"), "weight_map.a: expected a plain file name");
  }

  @Test
  void followsTheLinksOfACache() throws IOException {
    Path blobs = Files.createDirectories(root.resolve("models--o--n/blobs"));
    Path snapshot = Files.createDirectories(root.resolve("models--o--n/snapshots/0123"));
    shard(blobs.resolve("aa"), "a");
    shard(blobs.resolve("bb"), "b");
    Files.writeString(
        blobs.resolve("cc"),
        "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}");
    link(snapshot, "m-1.safetensors", "../../blobs/aa");
    link(snapshot, "m-2.safetensors", "../../blobs/bb");
    link(snapshot, "m.safetensors.index.json", "../../blobs/cc");
    try (Checkpoint checkpoint = Checkpoint.find(snapshot, "m")) {
      assertArrayEquals(
          new float[] {'b'}, checkpoint.find("b", Shape.of(1)).orElseThrow().toFloats());
      // Errors name the file as the index does, not the content behind it.
      assertEquals(snapshot.resolve("m-2.safetensors").toString(), checkpoint.location("b"));
    }
    try (Checkpoint checkpoint = Checkpoint.open(snapshot.resolve("m-1.safetensors"))) {
      assertEquals(Set.of("a"), checkpoint.names());
    }
  }

  @Test
  void refusesLinksThatLeadToNoFile() throws IOException {
    link(folder, "nowhere.safetensors", "../missing");
    link(folder, "folder.safetensors", "..");
    for (String name : List.of("nowhere.safetensors", "folder.safetensors")) {
      Path index = index("{\"a\":\"" + name + "\"}");
      String message =
          assertThrows(CheckpointException.class, () -> Checkpoint.open(index)).getMessage();
      assertTrue(message.startsWith(folder.resolve(name) + ": "), message);
    }
  }

  @Test
  void refusesAnIndexThatDisagreesWithItsShards() throws IOException {
    refused(
        index("{\"a\":\"m-1.safetensors\"}"),
        "tensor b: found in m-1.safetensors, but not in the weight_map");
    refused(
        index("{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-1.safetensors\"}"),
        "tensor c: expected in m-1.safetensors, but missing there");
    refused(
        index("{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"a\":\"m-2.safetensors\"}"),
        "duplicate key \"weight_map.a\"");
    refused(index("{\"a\":3}"), "weight_map.a: expected a string, found 3");
    refused(index("[]"), "weight_map: expected an object, found []");
    shard(folder.resolve("m-3.safetensors"), "c", "d");
    refused(
        index("{\"c\":\"m-2.safetensors\",\"d\":\"m-3.safetensors\"}"),
        "tensor c: expected in one file, found in m-2.safetensors and m-3.safetensors");
  }

  @Test
  void refusesAMissingShard() throws IOException {
    index("{\"a\":\"m-9.safetensors\"}");
    CheckpointException missing =
        assertThrows(CheckpointException.class, () -> Checkpoint.find(folder, "m"));
    assertEquals(
        folder.resolve("m-9.safetensors").toAbsolutePath()
            + ": cannot be read: no such file or folder",
        missing.getMessage());
  }

  private Path index(String weightMap) throws IOException {
    return Files.writeString(
        folder.resolve("m.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":12},\"weight_map\":" + weightMap + "}");
  }

  private static void link(Path folder, String name, String target) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), Path.of(target));
  }

  /** Each tensor holds the code of the first letter of its name. */
  private static void shard(Path file, String... names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : names) {
      tensors.put(name, Tensor.of(new float[] {name.charAt(0)}, 1));
    }
    SafetensorsWriter.write(file, tensors, Map.of());
  }

  private static void refused(Path index, String cause) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> Checkpoint.open(index).close());
    assertTrue(refusal.getMessage().startsWith(index + ": "), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(cause), refusal.getMessage());
  }
}
