package dev.orrery.play.page;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * The browser and its driver: on the PATH, as Debian's packages {@code chromium} and {@code
 * chromium-driver} put them there, or where the properties {@code browser} and {@code
 * browser.driver} say. Nothing is ever downloaded.
 *
 * @param browser the program
 * @param driver the program that drives it
 */
record Chromium(Path browser, Path driver) {
  /** The browser of this machine, if there is one with its driver. */
  static Optional<Chromium> find() {
    return find("browser", "chromium")
        .flatMap(
            browser ->
                find("browser.driver", "chromedriver")
                    .map(driver -> new Chromium(browser, driver)));
  }

  private static Optional<Path> find(String property, String name) {
    Stream<Path> places =
        Optional.ofNullable(System.getProperty(property))
            .map(path -> Stream.of(Path.of(path)))
            .orElseGet(
                () ->
                    Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)));
    return places.filter(Files::isExecutable).findFirst();
  }

  /** Starts it, without a window. */
  ChromeDriver start() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--window-size=1280,800");
    options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL"));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver.toFile())
            .usingAnyFreePort()
            .build();
    return new ChromeDriver(service, options);
  }
}
