package dev.orrery.play.server;

import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.DemoWorld;
import dev.orrery.play.server.PlayedModel.Beginning;
import java.io.IOException;
import java.lang.reflect.Proxy;

/** The demo world, whose picture is encoded once for all servers of a test. */
final class QuickDemo implements AutoCloseable {
  private final DemoWorld world = new DemoWorld();
  private final Start start = world.start(42);
  private final EncodedStart encoded = world.model().encode(start);
  private final int arenas = world.openArenas();

  /** The demo as it is played. */
  PlayedModel played() {
    return ServedDemo.played(model(), Beginning.of(start));
  }

  /** Serves it and waits until it is ready. */
  PlayServer serve(ServerOptions options, Limits limits) throws IOException {
    PlayServer server = PlayServer.listen(options, limits);
    server.play(played(), Progress.NONE);
    server.ready().join();
    return server;
  }

  private WorldModel model() {
    return (WorldModel)
        Proxy.newProxyInstance(
            WorldModel.class.getClassLoader(),
            new Class<?>[] {WorldModel.class},
            (proxy, method, arguments) ->
                method.getName().equals("start")
                    ? encoded.start(((Start) arguments[0]).seed())
                    : method.invoke(world.model(), arguments));
  }

  /** Arenas of sessions; to be asked while no server plays. */
  int openArenas() {
    return world.openArenas() - arenas;
  }

  @Override
  public void close() {
    encoded.close();
    world.close();
  }
}
