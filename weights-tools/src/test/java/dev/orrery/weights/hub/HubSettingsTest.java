package dev.orrery.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @TempDir Path home;

  @Test
  void hasTheDefaultsOfThePythonLibrary() throws Exception {
    HubSettings settings = HubSettings.of(Map.of("HF_TOKEN", " "), home);
    assertEquals(URI.create("https://huggingface.co"), settings.endpoint());
    assertEquals(home.resolve(".cache/huggingface/hub"), settings.cache());
    assertEquals(Optional.empty(), settings.token());
    assertFalse(settings.offline());
  }

  @Test
  void readsTheVariablesOfThePythonLibrary() throws Exception {
    Path hubHome = home.resolve("hf");
    Files.createDirectories(hubHome);
    Files.writeString(hubHome.resolve("token"), "hf_stored\n");
    HubSettings settings =
        HubSettings.of(
            Map.of(
                "HF_HOME", hubHome.toString(),
                "HF_ENDPOINT", "https://mirror.example:8443/hub/",
                "HF_HUB_OFFLINE", "1"),
            home);
    assertEquals(URI.create("https://mirror.example:8443/hub"), settings.endpoint());
    assertEquals(hubHome.resolve("hub"), settings.cache());
    assertEquals(Optional.of("hf_stored"), settings.token());
    assertTrue(settings.offline());
    HubSettings others =
        HubSettings.of(
            Map.of(
                "HF_HOME", hubHome.toString(),
                "HF_HUB_CACHE", "/else/where",
                "HF_TOKEN", "hf_given",
                "HF_HUB_OFFLINE", "0"),
            home);
    assertEquals(Path.of("/else/where"), others.cache());
    assertEquals(Optional.of("hf_given"), others.token());
    assertFalse(others.offline());
    assertFalse(others.toString().contains("hf_given"), "logs do not get the token");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "huggingface.co",
        "ftp://huggingface.co",
        "https:///x",
        "https://user:password@host",
        "https://host?x",
        "https://host#x",
        "http s"
      })
  void refusesAnEndpointThatIsNone(String endpoint) {
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint), home))
            .getMessage()
            .contains(endpoint),
        endpoint);
  }

  @Test
  void refusesATokenThatWouldBreakTheRequest() throws Exception {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> HubSettings.of(Map.of("HF_TOKEN", "hf_x\r\nHost: y"), home))
            .getMessage();
    assertEquals("the token is not one word of printable characters", message);
    Path stored = Files.createDirectories(home.resolve(".cache/huggingface")).resolve("token");
    Files.write(stored, new byte[5000]);
    assertEquals(
        stored + ": too long, expected at most 4096 bytes of text, found 5000",
        assertThrows(HubException.class, () -> HubSettings.of(Map.of(), home)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a/b/c", "/a", "a/", "../a", "a/..", "a--b/c", "a/b..c", "a b/c", "a/b.git", "a/b.",
        "a-/b", "ä/b", "a/b\n", "a:b/c", "a\\b"
      })
  void refusesNamesThatAreNoRepositories(String name) {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> new RepositoryId(name))
            .getMessage()
            .startsWith("expected a repository such as owner/name, found "),
        name);
  }

  @Test
  void namesTheFolderOfARepository() {
    assertEquals(
        "models--Skywork--Matrix-Game-2.0",
        new RepositoryId("Skywork/Matrix-Game-2.0").cacheFolder());
    assertEquals("models--gpt2", new RepositoryId("gpt2").cacheFolder());
  }
}
