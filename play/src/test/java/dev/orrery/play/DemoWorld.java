package dev.orrery.play;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The demo world in memory. */
public final class DemoWorld implements AutoCloseable {
  public static final Path FOLDER =
      Path.of(System.getProperty("project.root")).resolve("models/demo-world");

  private final CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
  private final WorldModel model = Families.ALL.open(FOLDER).load(backend, Progress.NONE);
  private final int loaded = backend.openArenas();

  public WorldModel model() {
    return model;
  }

  public Start start(long seed) {
    try {
      return Start.of(RgbImage.read(FOLDER.resolve("start.png")), seed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Arenas of sessions; to be asked while no player plays. */
  public int openArenas() {
    return backend.openArenas() - loaded;
  }

  @Override
  public void close() {
    model.close();
    backend.close();
  }
}
