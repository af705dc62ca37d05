package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.DemoWorld;
import dev.orrery.play.PlayerOptions;
import dev.orrery.play.server.PlayedModel.BackendChoice;
import dev.orrery.play.server.PlayedModel.Beginning;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine does to a server. */
class ServerFailuresTest {
  @TempDir Path folder;

  @Test
  void aTakenPortAndStrangeHostsAreOneLine() throws IOException {
    List<Path> before = temporary();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertRefused("127.0.0.1", taken.getLocalPort(), "cannot listen at 127.0.0.1, port ");
    }
    assertRefused("192.0.2.1", 0, "cannot listen at 192.0.2.1, port 0: ");
    assertRefused("no such host", 0, "there is no host no such host");
    assertEquals(before, temporary());
  }

  private static void assertRefused(String host, int port, String expected) {
    ServerOptions options = new ServerOptions(host, port, 1, PlayerOptions.DEFAULT);
    String reason = assertThrows(IOException.class, () -> PlayServer.listen(options)).getMessage();
    assertTrue(reason.startsWith(expected), reason);
    assertFalse(reason.contains("\n"), reason);
  }

  private static List<Path> temporary() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(Downloads.PREFIX))
          .sorted()
          .toList();
    }
  }

  @Test
  void theModelsFolderMayGoWhileItIsPlayed() throws IOException {
    Path copy = folder.resolve("model");
    try (Stream<Path> files = Files.walk(DemoWorld.FOLDER)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(DemoWorld.FOLDER.relativize(file).toString()));
      }
    }
    ModelFolder opened = Families.ALL.open(copy);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = opened.load(backend, Progress.NONE);
        PlayServer server = PlayServer.listen(ServerOptions.DEFAULT, ServedDemo.QUICK)) {
      Start start = Start.of(RgbImage.read(copy.resolve("start.png")), 1);
      server.play(played(model, opened, Beginning.of(start)), Progress.NONE);
      try (TestViewer viewer = TestViewer.watching(server)) {
        viewer.awaitFrame();
        try (Stream<Path> files = Files.walk(copy)) {
          files
              .sorted(Comparator.reverseOrder())
              .forEach(file -> assertTrue(file.toFile().delete()));
        }
        viewer.send("{\"type\":\"start\",\"seed\":\"2\",\"prompt\":\"\",\"image\":\"model\"}");
        viewer.await("state", state -> state.string("seed").equals("2"));
        viewer.forget();
        viewer.awaitFrame();
      }
    }
  }

  private static PlayedModel played(WorldModel model, ModelFolder opened, Beginning beginning) {
    return new PlayedModel(
        model,
        opened.startRequirements(),
        beginning,
        Optional.empty(),
        new BackendChoice("cpu", "for tests"));
  }

  @Test
  void aSecondWorldForWhichThereIsNoMemoryLeavesTheFirstAlone() throws IOException {
    AtomicBoolean full = new AtomicBoolean();
    try (DemoWorld world = new DemoWorld();
        PlayServer server =
            PlayServer.listen(
                new ServerOptions("127.0.0.1", 0, 2, PlayerOptions.DEFAULT), ServedDemo.QUICK)) {
      server.play(
          ServedDemo.played(filling(world.model(), full), Beginning.of(world.start(1))),
          Progress.NONE);
      try (TestViewer first = TestViewer.watching(server)) {
        first.awaitFrame();
        full.set(true);
        try (TestViewer second = TestViewer.hello(server, "new", "")) {
          assertEquals(
              "there is not enough memory: none is left", second.await("ended").string("reason"));
        }
        first.forget();
        first.awaitFrame();
        full.set(false);
        try (TestViewer again = TestViewer.hello(server, "new", "")) {
          again.awaitFrame();
        }
      }
    }
  }

  /** A model whose worlds have no memory while a flag is set. */
  private static WorldModel filling(WorldModel model, AtomicBoolean full) {
    return (WorldModel)
        Proxy.newProxyInstance(
            WorldModel.class.getClassLoader(),
            new Class<?>[] {WorldModel.class},
            (proxy, method, arguments) -> {
              if (full.get() && method.getName().equals("start")) {
                throw new OutOfMemoryError("none is left");
              }
              try {
                return method.invoke(model, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aFullDiskIsAnErrorAndTheWorldGoesOn() throws IOException {
    List<Path> before = temporary();
    try (ServedDemo demo = new ServedDemo();
        TestViewer viewer = TestViewer.watching(demo.server())) {
      viewer.awaitFrame();
      List<Path> own = temporary().stream().filter(file -> !before.contains(file)).toList();
      assertEquals(1, own.size());
      // Nothing can be written where there is no folder, as on a disk that is full.
      Files.delete(own.getFirst());
      viewer.send("{\"type\":\"save\"}");
      String reason = viewer.awaitError();
      assertTrue(reason.startsWith("the session"), reason);
      viewer.send("{\"type\":\"record\",\"on\":true}");
      viewer.awaitError();
      viewer.upload("session", new byte[10]);
      viewer.awaitError();
      viewer.forget();
      viewer.awaitFrame();
    }
    assertEquals(before, temporary());
  }
}
