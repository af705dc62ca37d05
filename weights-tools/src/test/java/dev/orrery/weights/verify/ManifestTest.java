package dev.orrery.weights.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
  /** The digests of FIPS 180 for no bytes and for {@code abc}. */
  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    folder = Files.createDirectories(root.resolve("model"));
    Files.writeString(folder.resolve("b.safetensors"), "");
    Files.writeString(Files.createDirectory(folder.resolve("a")).resolve("config.json"), "abc");
    Files.writeString(Files.createDirectory(folder.resolve(".cache")).resolve("x"), "hidden");
    Files.writeString(folder.resolve(".hidden"), "hidden");
  }

  @Test
  void isTheFormatOfSha256sum() throws IOException {
    Path file = folder.resolve("SHA256SUMS");
    Manifest manifest = Manifest.of(folder, file, Progress.NONE);
    manifest.write(file);
    assertEquals(ABC + "  a/config.json\n" + EMPTY + "  b.safetensors\n", Files.readString(file));
    assertEquals(manifest, Manifest.read(file));
    // The manifest itself is left out when it is made again.
    assertEquals(manifest, Manifest.of(folder, file, Progress.NONE));
    Path binary = Files.writeString(root.resolve("m"), EMPTY.toUpperCase() + " *b.safetensors\n");
    assertEquals(Map.of("b.safetensors", EMPTY), Manifest.read(binary).digests());
  }

  @Test
  void findsWhatChangedAndWhatIsGone() throws IOException {
    Manifest manifest = Manifest.of(folder, null, Progress.NONE);
    assertEquals(List.of(), manifest.faults(folder, Progress.NONE));
    Files.writeString(folder.resolve("b.safetensors"), "abc");
    Files.delete(folder.resolve("a/config.json"));
    assertEquals(
        List.of(
            folder.resolve("a/config.json") + ": in the manifest, but missing",
            folder.resolve("b.safetensors") + ": expected SHA-256 " + EMPTY + ", found " + ABC),
        manifest.faults(folder, Progress.NONE));
  }

  @Test
  void oneFileIsComparedAlone() throws IOException {
    Manifest manifest = new Manifest(Map.of("b.safetensors", EMPTY, "gone", ABC));
    assertEquals(List.of(), manifest.faults(folder.resolve("b.safetensors"), Progress.NONE));
    Path other = Files.writeString(folder.resolve("other"), "");
    assertEquals(
        other + ": is not in the manifest",
        assertThrows(CheckpointException.class, () -> manifest.faults(other, Progress.NONE))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "  ../x", "  /x", "  a//b", "  a/./b", "  a/..", " x", "x", "  ", "  a\\b", "  C:x", "  a/"
      })
  void hostileLinesAreRefused(String rest) throws IOException {
    Path file = Files.writeString(root.resolve("m"), ABC + "  fine\n" + ABC + rest + "\n");
    CheckpointException e = assertThrows(CheckpointException.class, () -> Manifest.read(file));
    assertTrue(e.getMessage().startsWith(file + ": line 2: expected a SHA-256"), e.getMessage());
  }

  @Test
  void otherFilesAreNoManifests() throws IOException {
    Path bytes = Files.write(root.resolve("m"), new byte[] {(byte) 0xff, 0, 3});
    assertEquals(
        bytes + ": expected a text in UTF-8, found other bytes at line 1, column 1",
        assertThrows(CheckpointException.class, () -> Manifest.read(bytes)).getMessage());
    assertEquals(
        root.resolve("none") + ": cannot be read: no such file or folder",
        assertThrows(CheckpointException.class, () -> Manifest.read(root.resolve("none")))
            .getMessage());
  }

  @Test
  void namesThatTheFormatCannotHoldAreRefused() throws IOException {
    Files.writeString(folder.resolve("a\nb"), "");
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> Manifest.of(folder, null, Progress.NONE));
    assertTrue(e.getMessage().contains("has no place in a manifest"), e.getMessage());
  }
}
