package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.page.PlayPage.Block;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;

/** The page itself: what it loads, shows and is called. */
@Tag("slow")
@ExtendWith(PageExtension.class)
class PageTest {
  private final PlayPage page;

  PageTest(PlayPage page) {
    this.page = page;
  }

  /** Addresses that the browser asked for since this was called before. */
  private List<String> requested() {
    List<String> addresses = new ArrayList<>();
    for (LogEntry entry : page.driver().manage().logs().get("performance")) {
      byte[] json = entry.getMessage().getBytes(StandardCharsets.UTF_8);
      JsonValue message = JsonValue.parse("log", json).get("message");
      String method = message.string("method");
      if (method.equals("Network.requestWillBeSent")) {
        addresses.add(message.get("params").get("request").string("url"));
      } else if (method.equals("Network.webSocketCreated")) {
        addresses.add(message.get("params").string("url"));
      }
    }
    return addresses;
  }

  @Test
  void loadsWithoutComplaintFromItsOwnHostAlone() {
    requested();
    page.open();
    page.play();
    page.awaitOver(page.next());
    List<String> requests = requested();
    String host = page.address().getAuthority();
    assertTrue(requests.contains("ws://" + host + "/socket"), requests::toString);
    assertTrue(requests.contains("http://" + host + "/main.js"), requests::toString);
    for (String request : requests) {
      assertTrue(
          request.matches("(http|ws)://" + host + "/.*|blob:http://" + host + "/.*"), request);
    }
    page.assertNoComplaints();
  }

  @Test
  void doesNothingThatIsNotItsOwn() {
    page.open();
    page.run(
        "const script = document.createElement('script');"
            + "script.textContent = 'window.foreign = true';"
            + "document.body.append(script)");
    page.await("seen.violations.length > 0");
    assertEquals(List.of("script-src-elem inline"), page.value("seen.violations"));
    assertEquals(false, page.value("'foreign' in window"));
    page.complaints();
  }

  @Test
  void showsPicturesByWholeNumbersOfPixels() {
    try {
      for (int[] size : new int[][] {{360, 640}, {390, 844}, {1280, 800}, {2560, 1300}}) {
        page.screen(size[0], size[1], false);
        page.open();
        double width =
            page.number("document.getElementById('canvas').getBoundingClientRect().width");
        double height =
            page.number("document.getElementById('canvas').getBoundingClientRect().height");
        assertEquals(0, width % 96, () -> "width " + width);
        assertEquals(width / 96 * 64, height);
        assertTrue(width / 96 >= 2, () -> "width " + width);
        assertEquals(
            "pixelated",
            page.value("getComputedStyle(document.getElementById('canvas')).imageRendering"));
        assertEquals(size[0], page.number("document.documentElement.scrollWidth"));
        assertEquals(size[1], page.number("document.documentElement.scrollHeight"));
      }
    } finally {
      page.desktop();
    }
  }

  @Test
  void everythingIsReachedByKeyboardAndHasAName() {
    page.open();
    page.click("open-panel");
    page.run("document.activeElement.blur()");
    Set<String> reached = new LinkedHashSet<>();
    String visible =
        "[...document.querySelectorAll('button, input, textarea, a')]"
            + ".filter(e => !e.disabled && e.checkVisibility()"
            + " && !e.closest('#thumbnails') && !(e.type === 'radio' && !e.checked))"
            + ".map(e => e.id || e.dataset.key || e.name || e.type)";
    int most = ((List<?>) page.value(visible)).size() + 60;
    for (int i = 0; i < most; i++) {
      new Actions(page.driver()).sendKeys(Keys.TAB).perform();
      reached.add(
          (String)
              page.value(
                  "(e => e.id || e.dataset.key || e.name || e.type || e.tagName)"
                      + "(document.activeElement)"));
    }
    for (Object each : (List<?>) page.value(visible)) {
      assertTrue(reached.contains(each), () -> each + " is not among " + reached);
    }
    assertNamed();
    new Actions(page.driver()).sendKeys(Keys.ESCAPE).perform();
    page.assertNoComplaints();
  }

  /** What can be pressed or filled in has a name for those who do not see it. */
  private void assertNamed() {
    List<?> nodes =
        (List<?>)
            page.driver().executeCdpCommand("Accessibility.getFullAXTree", Map.of()).get("nodes");
    int named = 0;
    for (Object each : nodes) {
      Map<?, ?> node = (Map<?, ?>) each;
      String role = String.valueOf(((Map<?, ?>) node.get("role")).get("value"));
      if (Set.of("button", "textbox", "radio", "link", "toolbar", "region").contains(role)) {
        Object name = ((Map<?, ?>) node.get("name")).get("value");
        assertFalse(String.valueOf(name).isBlank(), node::toString);
        named++;
      }
    }
    int all = named;
    assertTrue(all > 20, () -> "named: " + all);
  }

  @Test
  void fillsTheScreenAndComesBack() {
    page.open();
    page.click("screen");
    page.await("document.fullscreenElement !== null");
    assertEquals("true", page.element("screen").getDomAttribute("aria-pressed"));
    page.click("screen");
    page.await("document.fullscreenElement === null");
    page.assertNoComplaints();
  }

  @Test
  void saysHowFastItIs() {
    page.open();
    page.play();
    page.press("w");
    Block block = page.awaitBlockOfNewestInput();
    page.release("w");
    page.awaitOver(block);
    page.await("/^[0-9.]+ fps · [0-9]+ ms$/.test(document.getElementById('pace').textContent)");
    page.await("/^[0-9]+ ms$/.test(document.getElementById('n-passes').textContent)");
    assertEquals("cpu", page.element("n-backend").getDomProperty("textContent"));
    assertEquals("no GPU was found", page.element("n-reason").getDomProperty("textContent"));
    page.assertNoComplaints();
  }

  @Test
  void movesNothingForThoseWhoDoNotWantThat() {
    try {
      page.media("prefers-reduced-motion", "reduce");
      page.open();
      assertEquals(
          "none", page.value("getComputedStyle(document.querySelector('.dot')).animationName"));
    } finally {
      page.media("prefers-reduced-motion", "");
    }
  }
}
