package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.worldplay.TinyWorldPlay;
import dev.orrery.play.server.PlayServer;
import dev.orrery.play.server.PlayedModel;
import dev.orrery.play.server.PlayedModel.BackendChoice;
import dev.orrery.play.server.PlayedModel.Beginning;
import dev.orrery.play.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.OutputType;

/**
 * Leaves pictures of the page in {@code target/screenshots}, for people to look at. With {@code
 * -Dscreenshots.write=true} three of them become those of the documentation.
 */
@Tag("slow")
@ExtendWith(PageExtension.class)
class LooksTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Path PICTURES = ROOT.resolve("play/target/screenshots");
  private static final Path DOCUMENTATION = ROOT.resolve("docs/images");

  private final PlayPage page;

  LooksTest(PlayPage page) {
    this.page = page;
  }

  /** Sizes of screens, and whether they are touched. */
  private enum Screen {
    PHONE(390, 844, true),
    DESK(1280, 800, false),
    WALL(2560, 1300, false);

    private final int width;
    private final int height;
    private final boolean fingers;

    Screen(int width, int height, boolean fingers) {
      this.width = width;
      this.height = height;
      this.fingers = fingers;
    }
  }

  @BeforeEach
  void folder() throws IOException {
    Files.createDirectories(PICTURES);
    // Colours change at once.
    page.media("prefers-reduced-motion", "reduce");
  }

  @AfterEach
  void desktop() {
    page.desktop();
    page.media("prefers-color-scheme", "");
    page.media("prefers-reduced-motion", "");
  }

  /** Pictures of what is shown now, on all screens, in both colours. */
  private void takeAll(String name) throws IOException {
    for (Screen screen : Screen.values()) {
      page.screen(screen.width, screen.height, screen.fingers);
      for (String colours : List.of("light", "dark")) {
        page.media("prefers-color-scheme", colours);
        page.await(
            "innerWidth === arguments[0] && matchMedia(`(prefers-color-scheme: ${arguments[1]})`)"
                + ".matches",
            screen.width,
            colours);
        assertFits(screen);
        take(name + "-" + screen.width + "-" + colours);
      }
    }
  }

  /** Nothing is cut off or lies beside the screen. */
  private void assertFits(Screen screen) {
    assertEquals(screen.width, page.number("document.documentElement.scrollWidth"));
    assertEquals(
        List.of(),
        page.value(
            """
            [...document.querySelectorAll("button, input, canvas, .chip, .badge, .message")]
              .filter((e) => e.checkVisibility() && !e.closest("#thumbnails, #panel, #pictures"))
              .filter((e) => {
                const { left, top, right, bottom } = e.getBoundingClientRect();
                return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
              })
              .map((e) => e.id || e.className)
            """));
  }

  private void take(String name) throws IOException {
    byte[] picture = page.driver().getScreenshotAs(OutputType.BYTES);
    assertTrue(picture.length > 5000, () -> name + " is empty");
    Files.write(PICTURES.resolve(name + ".png"), picture);
  }

  private void document(String taken, String name) throws IOException {
    if (Boolean.getBoolean("screenshots.write")) {
      Files.copy(
          PICTURES.resolve(taken + ".png"),
          DOCUMENTATION.resolve(name + ".png"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void playing() throws IOException {
    page.open();
    page.beginPaused();
    page.step();
    page.press("w", "l");
    page.step();
    page.release("w", "l");
    page.press("l");
    page.step();
    page.play();
    page.awaitOver(page.next());
    takeAll("playing");
    page.release("l");
    document("playing-1280-dark", "play");
    document("playing-390-light", "play-phone");
  }

  @Test
  void pausedWithThumbnails() throws IOException {
    page.open();
    page.beginPaused();
    for (String key : List.of("l", "d", "j", "w")) {
      page.press(key);
      page.step();
      page.release(key);
    }
    takeAll("paused");
    page.click("open-panel");
    takeAll("panel");
    document("panel-1280-light", "play-panel");
    page.click("close-panel");
  }

  @Test
  void withAnError() throws IOException {
    page.open();
    page.beginPaused();
    page.step();
    page.drop(Files.writeString(PICTURES.resolve("picture.png.txt"), "no picture"));
    page.await("document.querySelectorAll('#errors .message').length > 0");
    takeAll("error");
  }

  @Test
  void aCamerasPath(@TempDir Path folder) throws IOException {
    TinyWorldPlay.write(folder);
    try (Backend backend = CpuBackend.simd(2)) {
      ModelFolder opened = Families.ALL.open(folder);
      Start start =
          Start.of(TinyWorldPlay.picture(), 1)
              .prompted(opened.prompts().orElseThrow().encode("castle", backend, Progress.NONE));
      try (WorldModel model = opened.load(backend, Progress.NONE);
          PlayServer server = PlayServer.listen(ServerOptions.DEFAULT)) {
        server.play(
            new PlayedModel(
                model,
                opened.startRequirements(),
                Beginning.of(start),
                Optional.empty(),
                new BackendChoice("cpu", "no GPU was found")),
            Progress.NONE);
        server.ready().join();
        page.open(server.address());
        page.pause();
        for (String key : List.of("w", "l", "w", "w", "j", "w", "d", "w")) {
          page.press(key);
          int block = page.next().block();
          page.click("single");
          page.await("seen.said.findLast(m => m.type === 'state').block > arguments[0]", block);
          page.release(key);
        }
        page.click("open-panel");
        page.run("document.getElementById('above').scrollIntoView({ block: 'center' })");
        assertTrue(page.number("seen.said.filter(m => m.type === 'path').length") >= 8);
        takeAll("camera");
        page.click("close-panel");
        page.leave();
      }
    }
  }
}
