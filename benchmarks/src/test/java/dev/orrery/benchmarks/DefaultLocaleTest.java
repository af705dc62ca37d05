package dev.orrery.benchmarks;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nothing that is computed, written or said depends on the language of the machine: no class of any
 * module calls a method that looks at the default locale. In Arabic {@code "%d".formatted(7)} gives
 * other digits, in German {@code "%.1f"} a comma, and in Turkish {@code "INT8".toLowerCase()} has
 * no dot on its i. {@code String.format(Locale.ROOT, ...)} or plain concatenation do not.
 *
 * <p>Looked at are the compiled classes, in which every call and method reference is spelt out.
 */
class DefaultLocaleTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  /** Methods of the JDK that take a locale, or else the default one. */
  private static final Map<String, Set<String>> LOCALIZED =
      Map.ofEntries(
          entry("java/lang/String", Set.of("formatted", "format", "toLowerCase", "toUpperCase")),
          entry("java/io/PrintStream", Set.of("printf", "format")),
          entry("java/io/PrintWriter", Set.of("printf", "format")),
          entry("java/io/Console", Set.of("printf", "format", "readLine")),
          entry("java/util/Formatter", Set.of("<init>")),
          entry("java/util/Scanner", Set.of("<init>")),
          entry("java/util/Calendar", Set.of("getInstance")),
          entry("java/util/Locale", Set.of("getDefault")),
          entry("java/util/ResourceBundle", Set.of("getBundle")),
          entry("java/text/DecimalFormat", Set.of("<init>")),
          entry("java/text/SimpleDateFormat", Set.of("<init>")),
          entry("java/text/MessageFormat", Set.of("<init>", "format")),
          entry("java/text/Collator", Set.of("getInstance")),
          entry(
              "java/text/NumberFormat",
              Set.of(
                  "getInstance",
                  "getNumberInstance",
                  "getIntegerInstance",
                  "getPercentInstance",
                  "getCurrencyInstance",
                  "getCompactNumberInstance")),
          entry(
              "java/text/DateFormat",
              Set.of("getInstance", "getDateInstance", "getTimeInstance", "getDateTimeInstance")),
          entry(
              "java/time/format/DateTimeFormatter",
              Set.of("ofPattern", "ofLocalizedDate", "ofLocalizedTime", "ofLocalizedDateTime")),
          entry("java/time/format/DateTimeFormatterBuilder", Set.of("toFormatter")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernels",
        "runtime",
        "model",
        "video",
        "play",
        "weights-tools",
        "cli",
        "benchmarks"
      })
  void noModuleLooksAtTheDefaultLocale(String module) throws IOException {
    Set<String> faults = new TreeSet<>();
    List<Path> classes = classes(ROOT.resolve(module).resolve("target/classes"));
    assertTrue(classes.size() > 5, "no classes of " + module);
    for (Path file : classes) {
      faults.addAll(faults(file));
    }
    assertEquals(Set.of(), faults);
  }

  /** The check finds what it is for, in each of the ways that it can be written. */
  @Test
  void theCheckSeesCallsAndReferences() throws IOException {
    Path folder = ROOT.resolve("benchmarks/target/test-classes");
    Path file = folder.resolve(Wrong.class.getName().replace('.', '/') + ".class");
    assertEquals(
        Set.of(
            "DefaultLocaleTest$Wrong: String.format",
            "DefaultLocaleTest$Wrong: String.formatted",
            "DefaultLocaleTest$Wrong: String.toLowerCase",
            "DefaultLocaleTest$Wrong: PrintStream.printf"),
        faults(file));
  }

  /** Each in a way of its own, and a right one. */
  private static final class Wrong {
    static List<String> all(int number) {
      System.out.printf("%d", number);
      String right = String.format(java.util.Locale.ROOT, "%d", number);
      return Stream.of("%d".formatted(number), String.format("%d", number), right)
          .map(String::toLowerCase)
          .toList();
    }
  }

  private static List<Path> classes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }

  private static Set<String> faults(Path file) throws IOException {
    List<String> faults = new ArrayList<>();
    for (PoolEntry part : ClassFile.of().parse(file).constantPool()) {
      if (part instanceof MemberRefEntry call
          && LOCALIZED
              .getOrDefault(call.owner().asInternalName(), Set.of())
              .contains(call.name().stringValue())
          && !call.type().stringValue().contains("Ljava/util/Locale;")) {
        String owner = call.owner().asInternalName();
        faults.add(
            file.getFileName().toString().replace(".class", "")
                + ": "
                + owner.substring(owner.lastIndexOf('/') + 1)
                + "."
                + call.name().stringValue());
      }
    }
    return new TreeSet<>(faults);
  }
}
