package dev.orrery.play.server;

import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.text.EncodedPrompt;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model that is played.
 *
 * @param model loaded; to be closed after the server
 * @param requirements what it starts from
 * @param beginning how the first world begins
 * @param encoder encodes prompts, for models that take them and can
 * @param backend where it runs
 */
public record PlayedModel(
    WorldModel model,
    StartRequirements requirements,
    Beginning beginning,
    Optional<PromptEncoder> encoder,
    BackendChoice backend) {

  /**
   * How worlds begin.
   *
   * @param start the world that the model begins with; empty if there is only a saved session
   * @param prompt the text of its prompt; empty if there is none, or nobody knows it
   * @param saved a session that the first world goes on with
   */
  public record Beginning(Optional<Start> start, String prompt, Optional<Path> saved) {
    /** A world begins anew. */
    public static Beginning of(Start start) {
      return new Beginning(Optional.of(start), "", Optional.empty());
    }
  }

  /** Encodes prompts while the model is loaded. */
  @FunctionalInterface
  public interface PromptEncoder {
    /** The prompt of a text, see {@link dev.orrery.model.family.Prompts#encode}. */
    EncodedPrompt encode(String text);
  }

  /**
   * Where a model runs.
   *
   * @param name of the backend
   * @param reason why this one, in words for people; empty if it was asked for
   */
  public record BackendChoice(String name, String reason) {}
}
