package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.Families;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.DemoWorld;
import dev.orrery.play.PlayerOptions;
import dev.orrery.play.server.PlayedModel.BackendChoice;
import dev.orrery.play.server.PlayedModel.Beginning;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The demo world on a server for this machine. */
final class ServedDemo implements AutoCloseable {
  /** Those of people, but for what a test would have to wait for. */
  static final Limits QUICK =
      new Limits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofMillis(100),
          8);

  private final DemoWorld world = new DemoWorld();
  private final PlayServer server;

  ServedDemo() throws IOException {
    this(new ServerOptions("127.0.0.1", 0, 1, PlayerOptions.DEFAULT), QUICK);
  }

  ServedDemo(ServerOptions options, Limits limits) throws IOException {
    server = PlayServer.listen(options, limits);
    server.play(played(world.model(), Beginning.of(world.start(42))), Progress.NONE);
    server.ready().join();
  }

  /** The demo as it is played. */
  static PlayedModel played(WorldModel model, Beginning beginning) {
    return new PlayedModel(
        model,
        Families.ALL.open(DemoWorld.FOLDER).startRequirements(),
        beginning,
        Optional.empty(),
        new BackendChoice("cpu", "for tests"));
  }

  DemoWorld world() {
    return world;
  }

  PlayServer server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
    int left = world.openArenas();
    world.close();
    assertEquals(0, left, "arenas that are open after the server was closed");
  }
}
