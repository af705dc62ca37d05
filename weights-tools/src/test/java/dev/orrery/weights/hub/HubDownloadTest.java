package dev.orrery.weights.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HubDownloadTest extends HubTest {
  private static final byte[] CONFIG = "{\"dim\": 3}\n".getBytes(UTF_8);
  private static final byte[] WEIGHTS = bytes(300_001);

  @Test
  void fillsTheCacheAsThePythonLibraryDoes() throws Exception {
    HubFile config = hub.small("config.json", CONFIG);
    HubFile weights = hub.large("transformer/model 1.safetensors", WEIGHTS);
    Path folder = download();
    Path repository = cache.resolve("models--owner--name");
    assertEquals(repository.resolve("snapshots").resolve(HubServer.COMMIT), folder);
    assertEquals(
        Path.of("../../blobs/" + config.checksum().hex()),
        Files.readSymbolicLink(folder.resolve("config.json")));
    assertEquals(
        Path.of("../../../blobs/" + weights.checksum().hex()),
        Files.readSymbolicLink(folder.resolve("transformer/model 1.safetensors")));
    assertArrayEquals(CONFIG, Files.readAllBytes(folder.resolve("config.json")));
    assertArrayEquals(
        WEIGHTS, Files.readAllBytes(folder.resolve("transformer/model 1.safetensors")));
    assertEquals(HubServer.COMMIT, Files.readString(repository.resolve("refs/main")));
    assertEquals(2, names(repository.resolve("blobs")).size(), "nothing else is left behind");
    assertEquals(1, hub.requests(HubServer.resolve("transformer/model 1.safetensors")).size());
  }

  @Test
  void receivesNothingTwice() throws Exception {
    hub.small("a.json", CONFIG);
    hub.small("copy/a.json", CONFIG);
    hub.small("empty", new byte[0]);
    Path folder = download();
    assertArrayEquals(CONFIG, Files.readAllBytes(folder.resolve("copy/a.json")));
    assertEquals(0, Files.size(folder.resolve("empty")));
    assertEquals(0, hub.requests(HubServer.resolve("copy/a.json")).size(), "the same content");
    download();
    assertEquals(1, hub.requests(HubServer.resolve("a.json")).size());
  }

  @Test
  void receivesABlobOfTheWrongSizeAgain() throws Exception {
    HubFile file = hub.small("a.json", CONFIG);
    Files.createDirectories(blob(file).getParent());
    Files.writeString(blob(file), "cut");
    assertArrayEquals(CONFIG, Files.readAllBytes(download().resolve("a.json")));
  }

  @Test
  void replacesALinkOfAnOlderContent() throws Exception {
    HubFile file = hub.small("a.json", CONFIG);
    Path folder = cache.resolve("models--owner--name/snapshots").resolve(HubServer.COMMIT);
    Files.createDirectories(folder);
    Files.createSymbolicLink(folder.resolve("a.json"), Path.of("../../blobs/gone"));
    download();
    assertEquals(
        Path.of("../../blobs/" + file.checksum().hex()),
        Files.readSymbolicLink(folder.resolve("a.json")));
  }

  @Test
  void fillsAFolder() throws Exception {
    hub.small("config.json", CONFIG);
    hub.large("transformer/model.safetensors", WEIGHTS);
    hub.small("kept.txt", CONFIG);
    Path folder = Files.createDirectories(root.resolve("local"));
    Files.write(folder.resolve("kept.txt"), CONFIG);
    Files.writeString(folder.resolve("config.json"), "{\"dim\": 4}\n");
    Files.writeString(folder.resolve("mine.txt"), "mine");
    assertEquals(folder, download(Optional.of(folder)));
    assertArrayEquals(CONFIG, Files.readAllBytes(folder.resolve("config.json")));
    Path weights = folder.resolve("transformer/model.safetensors");
    assertTrue(Files.isRegularFile(weights, LinkOption.NOFOLLOW_LINKS));
    assertArrayEquals(WEIGHTS, Files.readAllBytes(weights));
    assertEquals("mine", Files.readString(folder.resolve("mine.txt")));
    assertEquals(0, hub.requests(HubServer.resolve("kept.txt")).size(), "has the right hash");
    assertFalse(Files.exists(cache), "the cache is not used");
    assertTrue(
        names(folder.resolve(".cache/huggingface/download")).stream()
            .allMatch(name -> name.endsWith(".lock")));
  }

  @Test
  void plansWithoutReceiving() throws Exception {
    hub.small("a.json", CONFIG);
    download();
    HubFile weights = hub.large("b.safetensors", WEIGHTS);
    Files.write(partial(weights), Arrays.copyOf(WEIGHTS, 1000));
    try (HubDownload download = open(Optional.empty())) {
      DownloadPlan plan = download.plan("main", FileSelection.ALL);
      assertEquals(HubServer.COMMIT, plan.commit());
      assertEquals(CONFIG.length + WEIGHTS.length, plan.totalBytes());
      assertEquals(WEIGHTS.length - 1000, plan.missingBytes());
      assertEquals(List.of(true, false), plan.items().stream().map(i -> i.held()).toList());
    }
    assertEquals(0, hub.requests(HubServer.resolve("b.safetensors")).size());
  }

  @Test
  void receivesWhatIsSelected() throws Exception {
    hub.small("config.json", CONFIG);
    hub.small("vae/config.json", CONFIG);
    hub.large("vae/model.safetensors", WEIGHTS);
    FileSelection selection =
        new FileSelection(List.of("config.json"), List.of("vae/*"), List.of("*.safetensors"));
    try (HubDownload download = open(Optional.empty())) {
      Path folder = download.run(download.plan("main", selection));
      assertTrue(Files.exists(folder.resolve("config.json")));
      assertTrue(Files.exists(folder.resolve("vae/config.json")));
      assertFalse(Files.exists(folder.resolve("vae/model.safetensors")));
      FileSelection missing = new FileSelection(List.of("x.json", "a"), List.of(), List.of());
      assertEquals(
          "owner/name at main: no file x.json, a",
          assertThrows(HubException.class, () -> download.plan("main", missing)).getMessage());
      FileSelection none = new FileSelection(List.of(), List.of("*.gguf"), List.of());
      assertEquals(
          "owner/name at main: no file that is wanted",
          assertThrows(HubException.class, () -> download.plan("main", none)).getMessage());
    }
  }

  @Test
  void reportsBytesOfAllFiles() throws Exception {
    HubFile config = hub.small("config.json", CONFIG);
    HubFile weights = hub.large("model.safetensors", WEIGHTS);
    long total = config.size() + weights.size();
    List<Long> reports = new ArrayList<>();
    DownloadProgress progress =
        (_, done, all) -> {
          assertEquals(total, all);
          reports.add(done);
        };
    try (HubDownload download = open(Optional.empty(), timing, progress)) {
      download.run(download.plan("main", FileSelection.ALL));
    }
    assertEquals(reports.stream().sorted().toList(), reports);
    assertEquals(total, reports.getLast());
    assertTrue(reports.contains(config.size()));
  }

  @Test
  void keepsOtherRevisionsUnderTheirNames() throws Exception {
    hub.small("a.json", CONFIG);
    try (HubDownload download = open(Optional.empty())) {
      download.run(download.plan("refs/pr/1", FileSelection.ALL));
      download.run(download.plan(HubServer.COMMIT, FileSelection.ALL));
      for (String revision : List.of("../main", "/main", "", "a//b")) {
        assertEquals(
            "expected a revision such as main, found \""
                + revision
                + "\": empty, . or .. between slashes",
            assertThrows(
                    IllegalArgumentException.class,
                    () -> download.plan(revision, FileSelection.ALL))
                .getMessage());
      }
    }
    Path refs = cache.resolve("models--owner--name/refs");
    assertEquals(HubServer.COMMIT, Files.readString(refs.resolve("refs/pr/1")));
    assertEquals(List.of("refs"), names(refs), "a commit is no name");
  }

  @Test
  void findsOfflineWhatIsInTheCache() throws Exception {
    hub.small("a.json", CONFIG);
    Path folder = download();
    int before = hub.requests.size();
    try (HubDownload offline =
        new HubDownload(
            settings(true), HubServer.REPOSITORY, Optional.empty(), DownloadProgress.NONE)) {
      assertEquals(folder, offline.cached("main", FileSelection.ALL));
      assertEquals(folder, offline.cached(HubServer.COMMIT, FileSelection.ALL));
      FileSelection other = new FileSelection(List.of("b.json"), List.of(), List.of());
      assertEquals(
          "owner/name at main in the cache " + cache + ": no file b.json",
          assertThrows(HubException.class, () -> offline.cached("main", other)).getMessage());
      assertEquals(
          "owner/name at v2: not in the cache " + cache,
          assertThrows(HubException.class, () -> offline.cached("v2", FileSelection.ALL))
              .getMessage());
      assertEquals(
          "owner/name: HF_HUB_OFFLINE is set, so the hub is not asked",
          assertThrows(HubException.class, () -> offline.plan("main", FileSelection.ALL))
              .getMessage());
    }
    assertEquals(before, hub.requests.size());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
