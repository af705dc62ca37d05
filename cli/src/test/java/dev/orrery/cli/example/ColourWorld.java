package dev.orrery.cli.example;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ModelIdentity;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SavedSession;
import dev.orrery.model.session.SessionDescription;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Makes one frame at a time. */
record ColourWorld(int side, Backend backend) implements WorldModel {
  @Override
  public String description() {
    return "Colours, " + side + "x" + side;
  }

  @Override
  public int width() {
    return side;
  }

  @Override
  public int height() {
    return side;
  }

  @Override
  public MemoryPlan memory() {
    return new MemoryPlan(description(), 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Override
  public int framesPerSecond() {
    return 10;
  }

  @Override
  public ActionSpace actionSpace() {
    return new ColourActions();
  }

  @Override
  public int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  public EncodedStart encode(Start start, Progress progress) {
    return seed -> new Session((int) (seed & 0xff));
  }

  @Override
  public WorldSession resume(Path file, Progress progress) {
    try (SavedSession saved = SavedSession.open(file)) {
      saved.requireGoesOn(identity(), backend);
      Session session = new Session((int) saved.description().seed());
      saved.restore(backend, session);
      return session;
    }
  }

  private ModelIdentity identity() {
    return new ModelIdentity(
        "colours",
        description(),
        side,
        side,
        framesPerSecond(),
        1,
        LatentDecoder.VAE,
        "side " + side);
  }

  @Override
  public void close() {}

  private final class Session implements WorldSession {
    private final int green;
    private int chunk;
    private int red = 128;
    private volatile boolean cancelled;

    Session(int green) {
      this.green = green;
    }

    @Override
    public long seed() {
      return green;
    }

    @Override
    public int chunk() {
      return chunk;
    }

    @Override
    public int nextFrames() {
      return 1;
    }

    @Override
    public VideoFrames step(List<? extends Action> actions, Progress progress) {
      if (cancelled) {
        cancelled = false;
        throw new CancellationException("chunk " + chunk + " was cancelled");
      }
      red = Math.clamp(red + ((ColourActions.Shift) actions.getFirst()).step(), 0, 255);
      chunk++;
      byte[] rgb = new byte[3 * side * side];
      for (int i = 0; i < rgb.length; i += 3) {
        rgb[i] = (byte) red;
        rgb[i + 1] = (byte) green;
        rgb[i + 2] = (byte) (255 - red);
      }
      return new VideoFrames(1, side, side, rgb);
    }

    @Override
    public void visitState(SessionState.Visitor state) {
      chunk = (int) state.number("chunk", chunk, Integer.MAX_VALUE);
      red = (int) state.number("red", red, 255);
    }

    @Override
    public WorldSession fork() {
      Session fork = new Session(green);
      SessionState.of(this).restore(backend, fork);
      return fork;
    }

    @Override
    public void save(Path file, Progress progress) {
      SessionDescription description =
          new SessionDescription(
              identity(), green, chunk, chunk, SessionDescription.Host.of(backend));
      SavedSession.write(file, description, this, backend, progress);
    }

    @Override
    public void trace(Trace trace) {}

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public void close() {}
  }
}
