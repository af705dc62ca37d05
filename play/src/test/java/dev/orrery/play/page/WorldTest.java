package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.DemoWorld;
import dev.orrery.play.page.PlayPage.Block;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;

/** Worlds are begun, paused, recorded, kept and gone back to in the page. */
@Tag("slow")
@ExtendWith(PageExtension.class)
class WorldTest {
  private final PlayPage page;

  WorldTest(PlayPage page) {
    this.page = page;
  }

  @BeforeEach
  void open() {
    page.open();
    page.beginPaused();
  }

  @AfterEach
  void nothingWentWrong() {
    page.assertNoComplaints();
  }

  @Test
  void theSeedChoosesTheWorld() {
    page.step();
    Block of42 = page.step();
    page.begin("same", "7");
    page.step();
    Block of7 = page.step();
    assertNotEquals(page.lastFrame(of42), page.lastFrame(of7));
    assertEquals("7", page.said("state").get("seed"));
    page.begin("same", "42");
    page.step();
    assertEquals(page.lastFrame(of42), page.lastFrame(page.step()));
  }

  @Test
  void resetBeginsTheSameAgain() {
    Block first = page.step();
    page.press("l");
    Block second = page.step();
    page.release("l");
    page.reset();
    Block again = page.step();
    assertEquals(page.frame(first, 0), page.frame(again, 0));
    assertEquals(page.lastFrame(first), page.lastFrame(again));
    assertNotEquals(page.lastFrame(second), page.lastFrame(page.step()));
  }

  @Test
  void nothingIsMadeWhilePaused() {
    page.step();
    Block next = page.next();
    double frames = page.number("seen.frames.length");
    double numbers = page.number("seen.said.filter(m => m.type === 'status').length");
    // Two seconds of the server, in which it would make some blocks.
    page.await("seen.said.filter(m => m.type === 'status').length >= arguments[0] + 3", numbers);
    assertEquals(next, page.next());
    assertEquals(frames, page.number("seen.frames.length"));
    page.play();
    page.awaitOver(next);
  }

  @Test
  void theVideoHasTheFramesThatWereSeen() throws Exception {
    page.step();
    page.click("record");
    page.await("!document.getElementById('recording').hidden");
    int before = (int) page.number("seen.frames.length");
    page.step();
    page.press("w");
    page.step();
    page.release("w");
    page.step();
    int seen = (int) page.number("seen.frames.length") - before;
    page.click("record");
    page.await("document.querySelectorAll('#notices a').length === 2");
    assertEquals(36, seen);
    assertEquals(seen, framesOf(download("video")));
    String actions = new String(download("actions"), StandardCharsets.UTF_8);
    assertTrue(actions.contains("forward") || actions.contains("w"), actions);
    page.await("document.getElementById('recording').hidden");
  }

  private byte[] download(String kind) throws IOException, InterruptedException {
    String address =
        page.driver()
            .findElement(By.cssSelector("#notices a[data-kind=" + kind + "]"))
            .getDomProperty("href");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofByteArray())
          .body();
    }
  }

  /** What the table of sample sizes of an MP4 counts. */
  private static int framesOf(byte[] video) {
    String text = new String(video, StandardCharsets.ISO_8859_1);
    int table = text.lastIndexOf("stsz");
    assertTrue(table > 0, "no table of samples");
    // Version, flags and one size for all come before.
    return ByteBuffer.wrap(video).getInt(table + 12);
  }

  @Test
  void goesOnWithASavedSession(@TempDir Path folder) throws Exception {
    page.step();
    page.click("save");
    page.await("document.querySelectorAll('#notices a[data-kind=session]').length === 1");
    Path saved = Files.write(folder.resolve("world.safetensors"), download("session"));
    page.press("l");
    Block asItWas = page.step();
    page.release("l");
    page.step();
    int before = page.start();
    page.element("session").sendKeys(saved.toString());
    page.awaitStartAfter(before);
    assertEquals(1, page.next().block());
    page.press("l");
    Block again = page.step();
    page.release("l");
    assertEquals(page.lastFrame(asItWas), page.lastFrame(again));
  }

  @Test
  void goesBackToAThumbnailAndOn() {
    page.step();
    page.step();
    Block third = page.step();
    page.press("l");
    Block fourth = page.step();
    page.release("l");
    int before = page.start();
    page.driver().findElement(By.cssSelector("#thumbnails [data-block='1']")).click();
    page.awaitStartAfter(before);
    assertEquals(2, page.next().block());
    page.await("document.querySelectorAll('#thumbnails li').length === 2");
    assertEquals(page.lastFrame(third), page.lastFrame(page.step()));
    assertNotEquals(page.lastFrame(fourth), page.lastFrame(page.step()));
  }

  @Test
  void aPictureThatIsDroppedBeginsAWorld() throws IOException {
    Block own = page.step();
    int before = page.start();
    page.drop(DemoWorld.FOLDER.resolve("sample.png"));
    page.awaitStartAfter(before);
    assertNotEquals(page.frame(own, 0), page.frame(page.step(), 0));
    assertEquals("sample.png", page.value("document.querySelector('#mine span').textContent"));
    assertEquals(List.of(), page.errors());
  }

  @Test
  void aTextThatIsCalledAPictureIsRefusedOnce(@TempDir Path folder) throws IOException {
    Block first = page.step();
    Path text = Files.writeString(folder.resolve("picture.png"), "This is no picture.");
    page.drop(text);
    page.await("document.querySelectorAll('#errors .message').length > 0");
    Block next = page.step();
    assertEquals(first.next(), next);
    List<String> errors = page.errors();
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.getFirst().contains("not an image"), errors::toString);
    assertFalse(page.element("mine").isDisplayed());
  }
}
