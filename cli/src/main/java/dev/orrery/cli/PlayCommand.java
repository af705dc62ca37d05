package dev.orrery.cli;

import dev.orrery.cli.command.BackendOptions;
import dev.orrery.cli.command.ByteSize;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.Interruption;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.PlayerOptions;
import dev.orrery.play.server.PlayServer;
import dev.orrery.play.server.PlayedModel;
import dev.orrery.play.server.ServerOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orrery play}. */
@Command(
    name = "play",
    synopsisHeading =
        "Examples:%n"
            + "  orrery play%n"
            + "  orrery play --open --image yard.jpg%n"
            + "  orrery play --host 0.0.0.0 --port 8080%n%n"
            + "Usage: ",
    description = {
      "Lets you walk through a generated world in the browser: hold W, A, S and D, move the mouse, and"
          + " the world answers as it is made. Without options it plays the demo world on a page for"
          + " this machine alone. The address of the page is the only line on the standard output."
    },
    footer = {
      "",
      "Several people can watch the same world; one of them steers, and gives the keys to another who",
      "asks for them. While nobody watches no frames are made.",
      "",
      "Other machines reach the page with --host, by the whole address that is written: it has a token",
      "that keeps strangers out. What is sent is not encrypted; a proxy in front does that.",
      "",
      "A recording that the page gives is played again by the same version, model and start with",
      "  orrery generate --actions @NAME.jsonl --seed N",
      "if it began with block 0, or from a session that was saved where it began, with --resume;",
      "and a session that it saves goes on with --resume, here or in orrery generate.",
      "",
      "More examples:",
      "  orrery play --resume yard.safetensors",
      "  orrery play --model worldplay-5b --prompt \"A castle by a lake\" --rewind 4GB",
      "  curl --retry 60 --retry-all-errors http://127.0.0.1:8080/health   waits until it is ready",
      "",
      "Exit codes: 1 failed while running, 2 the options or files given cannot be used, 130 ended by",
      "Ctrl-C. Nothing is left behind."
    })
final class PlayCommand extends ConsoleCommand {
  private static final int MAX_SESSIONS = 100;
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of the model. Default: the demo world that comes with Orrery.")
  private Path model;

  @Mixin private StartOptions startOptions;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "Port of the page. Default: 0, any that is free.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address of this machine at which the page is found: 0.0.0.0 for all of them. Default:"
              + " ${DEFAULT-VALUE}, for this machine alone.")
  private String host;

  @Option(names = "--open", description = "Open the page in the browser of this machine.")
  private boolean open;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Worlds at the same time, at most. They share the processor: two are half as fast each."
              + " Default: ${DEFAULT-VALUE}.")
  private int sessions;

  @Option(
      names = "--rewind",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      converter = ByteSize.class,
      description =
          "Memory for states of each world to go back to. With less, going back takes longer."
              + " Default: ${DEFAULT-VALUE}.")
  private long rewind;

  @Mixin private BackendOptions backendOptions;

  private final Environment environment;

  PlayCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() throws IOException {
    checkRange("--sessions", sessions, MAX_SESSIONS);
    if (port < 0 || port > MAX_PORT) {
      throw misused("--port: expected 0 to " + MAX_PORT + ", found " + port);
    }
    startOptions.check();
    backendOptions.check();
    Browser browser = Browser.ofThisMachine();
    if (open) {
      browser.requireDisplay();
    }
    Path folder = model == null ? environment.demo() : model;
    // Everything that a user wrote is read before the weights are, which may take long.
    ModelFolder opened = startOptions.open(environment.families(), folder);
    Beginning given = startOptions.read(folder, opened);
    try (Interruption interruption = new Interruption();
        PlayServer server = interruption.open(this::listen, PlayServer::end);
        ChosenBackend chosen = backendOptions.open(progress()::line)) {
      // Encoded before the model is loaded, the two never need memory at once.
      Beginning beginning = given.prepared(chosen.backend(), progress());
      // The server is closed before the model that it plays; closing it again does nothing.
      try (WorldModel world = opened.load(chosen.backend(), progress());
          PlayServer serving = server) {
        String described = world.description() + " (" + backendOptions.describe(chosen) + ")";
        progress().line("model   " + described);
        progress().line("seed    " + beginning.told());
        serving.play(
            new PlayedModel(
                world,
                opened.startRequirements(),
                beginning(given, beginning, folder, opened),
                encoder(opened, chosen),
                backend(chosen)),
            progress());
        tell(serving.address(), browser);
        awaitReady(serving);
        progress().line("ready   Ctrl-C ends");
        awaitEnd();
      }
    }
  }

  private PlayServer listen() {
    try {
      return PlayServer.listen(
          new ServerOptions(host, port, sessions, new PlayerOptions(rewind, false)));
    } catch (IOException e) {
      throw new UnusableInputException(e.getMessage(), e);
    }
  }

  private static PlayedModel.Beginning beginning(
      Beginning given, Beginning prepared, Path folder, ModelFolder opened) throws IOException {
    return switch (prepared) {
      case Beginning.New anew ->
          new PlayedModel.Beginning(Optional.of(anew.start()), words(given), Optional.empty());
      case Beginning.Saved saved ->
          new PlayedModel.Beginning(
              StartOptions.ownStart(folder, opened), "", Optional.of(saved.file()));
    };
  }

  private static String words(Beginning given) {
    return given instanceof Beginning.New anew ? anew.prompt().map(Prompt::text).orElse("") : "";
  }

  private Optional<PlayedModel.PromptEncoder> encoder(ModelFolder opened, ChosenBackend chosen) {
    return opened
        .prompts()
        .filter(Prompts::canEncode)
        .map(prompts -> text -> prompts.encode(text, chosen.backend()));
  }

  private PlayedModel.BackendChoice backend(ChosenBackend chosen) {
    return new PlayedModel.BackendChoice(chosen.backend().name(), chosen.reason());
  }

  private void tell(URI address, Browser browser) {
    printLine(address);
    if (open) {
      try {
        browser.open(address);
      } catch (IOException e) {
        progress().line("warning: " + e.getMessage() + "; open the address by hand");
      }
    }
  }

  private static void awaitReady(PlayServer server) {
    try {
      server.ready().join();
    } catch (CompletionException e) {
      // One line for people.
      throw new IllegalStateException(e.getCause().getMessage(), e);
    }
  }

  /** Until the process is told to end. */
  private static void awaitEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
