package dev.orrery.cli;

import dev.orrery.cli.command.ProgressReport;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.SessionDescription;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** How a world begins: anew, or where a session ended that was saved. */
sealed interface Beginning {
  /** Chunks that were made already. */
  int chunk();

  /** Does what memory is needed for before the model is loaded. */
  Beginning prepared(Backend backend, ProgressReport progress);

  /** Begins. */
  WorldSession begin(WorldModel world, ProgressReport progress);

  /** What the video depends on besides images and actions, for the user. */
  String told();

  /**
   * A world that nobody has seen.
   *
   * @param start with the prompt, unless it is still to be encoded
   * @param prompt to encode, if any
   * @param prompts what encodes it; null if there is none
   * @param steps of the sampler
   */
  record New(Start start, Optional<Prompt> prompt, Prompts prompts, int steps)
      implements Beginning {
    @Override
    public int chunk() {
      return 0;
    }

    @Override
    public Beginning prepared(Backend backend, ProgressReport progress) {
      if (prompt.isEmpty()) {
        return this;
      }
      EncodedPrompt encoded = prompt.get().encode(prompts, backend, progress);
      return new New(start.prompted(encoded), Optional.empty(), prompts, steps);
    }

    @Override
    public WorldSession begin(WorldModel world, ProgressReport progress) {
      return world.start(start, progress);
    }

    @Override
    public String told() {
      return seed(start.seed(), steps);
    }
  }

  /**
   * A world that was left.
   *
   * @param file of the session
   * @param session what it says about itself
   */
  record Saved(Path file, SessionDescription session) implements Beginning {
    @Override
    public int chunk() {
      return session.chunk();
    }

    @Override
    public Beginning prepared(Backend backend, ProgressReport progress) {
      return this;
    }

    @Override
    public WorldSession begin(WorldModel world, ProgressReport progress) {
      return world.resume(file, progress);
    }

    @Override
    public String told() {
      return String.format(
          Locale.ROOT,
          "%s, going on after %d chunks of %s",
          seed(session.seed(), session.model().steps()),
          session.chunk(),
          file);
    }
  }

  private static String seed(long seed, int steps) {
    return seed + ", " + steps + (steps == 1 ? " step" : " steps");
  }
}
