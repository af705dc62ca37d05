package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point at is there. */
final class DocumentLinksTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  /** The target of a Markdown link without its anchor; links into the web are not followed. */
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)[^)]*\\)");

  @Test
  void everyRelativeLinkExists() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        links++;
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          broken.add(ROOT.relativize(document) + ": " + link.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(links > 0, "no links found");
  }

  /** The code that the page on adding a kernel shows is the code that is compiled and tested. */
  @Test
  void pageOnAddingAKernelQuotesTheSources() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files
              .filter(path -> !path.toString().contains("/target/"))
              .filter(
                  path -> path.getFileName().toString().matches("Multiply.*\\.(java|cu)|make\\.py"))
              .toList()) {
        sources.append(Files.readString(file));
      }
    }
    String[] parts =
        Files.readString(ROOT.resolve("docs/adding-a-kernel.md"))
            .split("```(java|cuda|python)?\\n");
    assertTrue(parts.length >= 19, "the page has no code");
    for (int i = 1; i < parts.length; i += 2) {
      assertTrue(sources.indexOf(parts[i]) >= 0, "not in the sources:\n" + parts[i]);
    }
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("/target/"))
          .toList();
    }
  }
}
