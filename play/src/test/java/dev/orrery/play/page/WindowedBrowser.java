package dev.orrery.play.page;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.openqa.selenium.By;
import org.openqa.selenium.Rectangle;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;

/** A browser: its windows, screens, keys and fingers, and the pages that tell what they saw. */
class WindowedBrowser {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(50);

  private final ChromeDriver driver;

  /** Windows that tell what they have seen. */
  private final Set<String> telling = new HashSet<>();

  private final Map<String, String> media = new HashMap<>();

  WindowedBrowser(ChromeDriver driver) {
    this.driver = driver;
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Loads a page as somebody who was not there before. */
  final void load(URI at) {
    if (telling.add(driver.getWindowHandle())) {
      driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", seen()));
    }
    if (driver.getCurrentUrl().startsWith("http")) {
      run("sessionStorage.clear()");
    }
    driver.get(at.toString());
  }

  /** Looks at nothing. */
  void leave() {
    driver.get("about:blank");
  }

  private static String seen() {
    try (InputStream in = WindowedBrowser.class.getResourceAsStream("seen.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens another window and goes there; {@link #goTo} goes back. */
  String newWindow() {
    String old = driver.getWindowHandle();
    driver.switchTo().newWindow(WindowType.TAB);
    return old;
  }

  void goTo(String window) {
    driver.switchTo().window(window);
  }

  /** Closes all windows but one. */
  void closeOthers(String window) {
    for (String other : driver.getWindowHandles()) {
      if (!other.equals(window)) {
        goTo(other);
        driver.close();
        telling.remove(other);
      }
    }
    goTo(window);
  }

  /** The value of a JavaScript expression. */
  Object value(String expression, Object... parameters) {
    return driver.executeScript("return " + expression, parameters);
  }

  double number(String expression, Object... parameters) {
    return ((Number) value(expression, parameters)).doubleValue();
  }

  void run(String script, Object... parameters) {
    driver.executeScript(script, parameters);
  }

  /** Waits until an expression is true. */
  void await(String expression, Object... parameters) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!Boolean.TRUE.equals(value("Boolean(" + expression + ")", parameters))) {
      if (System.nanoTime() - until > 0) {
        fail("never: " + expression + " of " + List.of(parameters) + ". " + newestSaid());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private Object newestSaid() {
    return value(
        "JSON.stringify(seen.said.slice(-8).map(({ thumbnail, ...rest }) => rest)) + ' errors: ' +"
            + " document.getElementById('errors').innerText");
  }

  WebElement element(String id) {
    return driver.findElement(By.id(id));
  }

  void click(String id) {
    element(id).click();
  }

  /** Presses keys of the keyboard, and holds them. */
  void press(String... keys) {
    Actions actions = new Actions(driver);
    for (String key : keys) {
      actions.keyDown(key);
    }
    actions.perform();
  }

  void release(String... keys) {
    Actions actions = new Actions(driver);
    for (String key : keys) {
      actions.keyUp(key);
    }
    actions.perform();
  }

  /** Looks at the page on a screen of other size, with fingers. */
  void phone(int width, int height) {
    screen(width, height, true);
  }

  /** Back to the window as it is. */
  void desktop() {
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    touchScreen(false);
  }

  /** Gives the screen a size. */
  void screen(int width, int height, boolean fingers) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", fingers));
    touchScreen(fingers);
  }

  private void touchScreen(boolean fingers) {
    driver.executeCdpCommand(
        "Emulation.setTouchEmulationEnabled", Map.of("enabled", fingers, "maxTouchPoints", 5));
  }

  /**
   * Puts a finger into the middle of an element, pulls it and holds it.
   *
   * @param x where to, from 0 at its left to 1
   * @param y likewise, from the top
   */
  void touch(String id, double x, double y) {
    Rectangle place = element(id).getRect();
    finger("touchStart", place.x + place.width / 2.0, place.y + place.height / 2.0);
    finger("touchMove", place.x + x * place.width, place.y + y * place.height);
  }

  private void finger(String type, double x, double y) {
    driver.executeCdpCommand(
        "Input.dispatchTouchEvent",
        Map.of("type", type, "touchPoints", List.of(Map.of("x", x, "y", y))));
  }

  /** Takes the finger away. */
  void endTouch() {
    driver.executeCdpCommand(
        "Input.dispatchTouchEvent", Map.of("type", "touchEnd", "touchPoints", List.of()));
  }

  /** Prefers something, as the system's settings do; an empty value prefers nothing. */
  void media(String name, String value) {
    media.put(name, value);
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            media.entrySet().stream()
                .map(each -> Map.of("name", each.getKey(), "value", each.getValue()))
                .toList()));
  }

  /** What the browser complains of. */
  List<LogEntry> complaints() {
    return driver.manage().logs().get("browser").getAll();
  }
}
