package dev.orrery.play.page;

import dev.orrery.model.Families;
import dev.orrery.model.session.Progress;
import dev.orrery.play.DemoWorld;
import dev.orrery.play.server.PlayServer;
import dev.orrery.play.server.PlayedModel;
import dev.orrery.play.server.PlayedModel.BackendChoice;
import dev.orrery.play.server.PlayedModel.Beginning;
import dev.orrery.play.server.ServerOptions;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * Gives tests a browser with the page of the demo world; one for all of them, as both take seconds
 * to start. Without a browser tests are skipped, or fail where {@code -DrequireBrowser=true} asks
 * for one.
 */
final class PageExtension implements ExecutionCondition, ParameterResolver {
  private static final boolean REQUIRED = Boolean.getBoolean("requireBrowser");
  private static final String NONE =
      "no chromium with chromedriver: neither on the PATH nor named by -Dbrowser and -Dbrowser.driver";

  private static final Namespace NAMESPACE = Namespace.create(PageExtension.class);

  /** A browser and a server that plays. */
  static final class Played implements AutoCloseable {
    private final ChromeDriver driver =
        Chromium.find().orElseThrow(() -> new IllegalStateException(NONE)).start();
    private final DemoWorld world = new DemoWorld();
    private final PlayServer server;
    private final PlayPage page;

    Played() {
      try {
        server = PlayServer.listen(ServerOptions.DEFAULT);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      server.play(
          new PlayedModel(
              world.model(),
              Families.ALL.open(DemoWorld.FOLDER).startRequirements(),
              Beginning.of(world.start(42)),
              Optional.empty(),
              new BackendChoice("cpu", "no GPU was found")),
          Progress.NONE);
      page = new PlayPage(driver, server.address());
      server.ready().join();
    }

    @Override
    public void close() {
      driver.quit();
      server.close();
      world.close();
    }
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return REQUIRED || Chromium.find().isPresent()
        ? ConditionEvaluationResult.enabled("there is a browser, or has to be")
        : ConditionEvaluationResult.disabled(NONE);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == PlayPage.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Played.class, key -> new Played(), Played.class)
        .page;
  }
}
