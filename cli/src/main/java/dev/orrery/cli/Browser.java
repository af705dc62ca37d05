package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The browser of whoever sits at this machine.
 *
 * @param system name of the operating system
 * @param environment variables of the process
 */
record Browser(String system, Map<String, String> environment) {
  private static final List<String> DISPLAYS = List.of("DISPLAY", "WAYLAND_DISPLAY");

  /** That of this machine. */
  static Browser ofThisMachine() {
    return new Browser(System.getProperty("os.name"), System.getenv());
  }

  /**
   * Requires something to show a browser on.
   *
   * @throws UnusableInputException if there is nothing
   */
  void requireDisplay() {
    if (opener().equals(List.of("xdg-open"))
        && DISPLAYS.stream().allMatch(it -> environment.getOrDefault(it, "").isEmpty())) {
      throw new UnusableInputException(
          "--open: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); leave it"
              + " out and open the address that is written");
    }
  }

  /**
   * Shows a page.
   *
   * @throws IOException with one line, if there is nothing to show it with
   */
  void open(URI address) throws IOException {
    List<String> command = new ArrayList<>(opener());
    command.add(address.toString());
    try {
      new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new IOException("--open: no browser can be started: " + e.getMessage(), e);
    }
  }

  /** What opens an address that is appended. */
  private List<String> opener() {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return List.of("rundll32", "url.dll,FileProtocolHandler");
    }
    return List.of(name.startsWith("mac") ? "open" : "xdg-open");
  }
}
