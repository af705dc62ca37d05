package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.page.PlayPage.Block;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;

/** Several windows, and one whose network comes and goes. */
@Tag("slow")
@ExtendWith(PageExtension.class)
class ViewersTest {
  private static final Duration AWAY = Duration.ofSeconds(5);

  private final PlayPage page;

  ViewersTest(PlayPage page) {
    this.page = page;
  }

  @Test
  void anotherWindowWatchesAsksAndGetsTheKeys() {
    page.open();
    page.play();
    String first = page.newWindow();
    try {
      page.watch();
      page.await("seen.frames.length > 12");
      assertTrue(page.element("ask").isDisplayed());
      assertFalse(page.element("pause").isEnabled());
      page.press("w");
      page.release("w");
      assertEquals(0, page.number("seen.sent.filter(m => m.type === 'keys').length"));
      page.click("ask");
      String second = page.driver().getWindowHandle();
      page.goTo(first);
      page.await("document.querySelectorAll('#notices button').length > 0");
      page.driver().findElement(By.xpath("//*[@id='notices']//button[.='Give them']")).click();
      page.await("document.body.dataset.steers === 'false'");
      page.goTo(second);
      page.await("document.body.dataset.steers === 'true'");
      page.press("l");
      Block block = page.awaitBlockOfNewestInput();
      page.release("l");
      page.awaitOver(block);
      assertTrue(page.turn(block) < -2);
    } finally {
      page.closeOthers(first);
    }
    page.assertNoComplaints();
  }

  @Test
  void theNetworkGoesAwayAndComesBack() throws IOException {
    try (CuttableNetwork network = new CuttableNetwork(page.address())) {
      page.open(network.address());
      page.play();
      page.awaitOver(page.next());
      Object session = page.said("welcome").get("session");
      Object number = page.said("welcome").get("number");
      int start = page.start();
      network.cut();
      long until = System.nanoTime() + AWAY.toNanos();
      page.await("document.body.dataset.connection === 'lost'");
      assertTrue(page.element("waiting").isDisplayed());
      // This is what is tested: the time, not what happens in it.
      while (System.nanoTime() - until < 0) {
        LockSupport.parkNanos(until - System.nanoTime());
      }
      double welcomes = page.number("seen.said.filter(m => m.type === 'welcome').length");
      double last = page.number("seen.frames.at(-1).block");
      network.mend();
      page.await("seen.said.filter(m => m.type === 'welcome').length > arguments[0]", welcomes);
      page.await("document.body.dataset.steers === 'true'");
      assertEquals(session, page.said("welcome").get("session"));
      assertEquals(number, page.said("welcome").get("number"));
      assertEquals(start, page.start());
      page.await("seen.frames.at(-1)?.block > arguments[0]", last);
      // The browser says by itself that it could not connect.
      page.complaints();
    }
  }
}
