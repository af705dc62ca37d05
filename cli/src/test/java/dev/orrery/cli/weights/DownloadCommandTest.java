package dev.orrery.cli.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.weights.hub.HubException;
import dev.orrery.weights.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DownloadCommandTest {
  @TempDir Path home;

  private final TestConsole console = new TestConsole();
  private HubServer hub;

  @BeforeEach
  void start() throws IOException {
    hub = new HubServer();
    hub.small("config.json", new byte[12]);
    hub.large("vae/model.safetensors", new byte[300_000]);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private int call(Map<String, String> environment, String... arguments) throws Exception {
    console.reset();
    DownloadCommand command = new DownloadCommand(console.console(), environment, home);
    new CommandLine(command).parseArgs(arguments);
    return command.call();
  }

  private String told() {
    return console.out();
  }

  @Test
  void printsTheFolder() throws Exception {
    Map<String, String> online =
        Map.of("HF_ENDPOINT", hub.endpoint().toString(), "HF_TOKEN", "hf_secret");
    Path folder =
        home.resolve(".cache/huggingface/hub/models--owner--name/snapshots")
            .resolve(HubServer.COMMIT);
    assertEquals(0, call(online, "owner/name"));
    assertEquals(folder + "\n", told());
    assertEquals(300_000, Files.size(folder.resolve("vae/model.safetensors")));
    String report = console.err();
    assertTrue(report.startsWith("downloading, KiB: 0 of 292\n"), report);
    assertTrue(report.endsWith("downloading, KiB: 292 of 292\n"), report);
    assertEquals(Optional.of("Bearer hf_secret"), hub.requests.getFirst().header("Authorization"));

    int before = hub.requests.size();
    Map<String, String> offline = Map.of("HF_HUB_OFFLINE", "1");
    assertEquals(0, call(offline, "owner/name", "config.json"));
    assertEquals(folder + "\n", told());
    assertEquals(
        "owner/name: HF_HUB_OFFLINE is set, so the hub is not asked",
        assertThrows(HubException.class, () -> call(offline, "owner/name", "--local-dir", "x"))
            .getMessage());
    assertTrue(
        assertThrows(HubException.class, () -> call(offline, "owner/name", "x.json"))
            .getMessage()
            .endsWith(": no file x.json"));
    assertEquals(before, hub.requests.size());
  }

  @Test
  void takesItsOptions() throws Exception {
    Path local = home.resolve("local");
    String endpoint = hub.endpoint().toString();
    assertEquals(
        0,
        call(
            Map.of("HF_ENDPOINT", "http://127.0.0.1:1"),
            "owner/name",
            "config.json",
            "--endpoint=" + endpoint,
            "--revision=v2",
            "--include=vae/*",
            "--exclude=*.safetensors",
            "--local-dir=" + local));
    assertEquals(local + "\n", told());
    assertTrue(Files.exists(local.resolve("config.json")));
    assertTrue(Files.notExists(local.resolve("vae")));
    assertEquals("/api/models/owner/name/revision/v2", hub.requests.getFirst().path());

    Path cache = home.resolve("cache");
    assertEquals(
        0, call(Map.of(), "owner/name", "--endpoint=" + endpoint, "--cache=" + cache, "--dry-run"));
    assertEquals(
        "              12  missing  config.json\n"
            + "         300,000  missing  vae/model.safetensors\n"
            + "owner/name at main is commit "
            + HubServer.COMMIT
            + ": 2 files, 300,012 bytes, of which 300,012 are to be received\n",
        told());
    assertTrue(Files.notExists(cache));
  }

  @Test
  void saysWhatItWaitsFor() throws Exception {
    hub.next(HubServer.REVISION, HubServer.status(503, "Retry-After", "0"));
    assertEquals(0, call(Map.of(), "owner/name", "--endpoint=" + hub.endpoint()));
    String report = console.err();
    assertTrue(
        report.startsWith("HTTP 503 from 127.0.0.1; trying again in 0 s\ndownloading"), report);
  }
}
