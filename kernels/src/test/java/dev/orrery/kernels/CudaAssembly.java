package dev.orrery.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The {@code asm} statements of CUDA sources after the preprocessor: file and function with its
 * parameters, the text, and the operands in order.
 *
 * <pre>
 *   hopper.cuh: mbar_arrive(uint32_t barrier)
 *     volatile "mbarrier.arrive.shared::cta.b64 _, [%0];"
 *     in r barrier; clobbers memory
 * </pre>
 *
 * <p>Ascending runs are written short, {@code %0..%31} and {@code +f d[0..31]}, which nothing but
 * that order can give.
 */
public final class CudaAssembly {
  private static final Set<String> ASM = Set.of("asm", "__asm", "__asm__");
  private static final List<String> SECTIONS = List.of("out", "in", "clobbers");
  private static final Set<String> CONTROL = Set.of("if", "for", "while", "switch");
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Pattern INDEX = Pattern.compile("(\\w+)\\[(\\d+(?:\\+\\d+)*)\\]");
  private static final Pattern PLACES = Pattern.compile("%\\d+(?:, %\\d+){2,}");

  /** Fewer in a row are written out. */
  private static final int SHORTEST_RUN = 8;

  private CudaAssembly() {}

  /**
   * The statements of a file of {@code kernels/src/main/cuda}, whose text may have been changed.
   *
   * @param file its name
   */
  public static List<String> of(String file, String source) {
    return of(file, source, headers());
  }

  /** The files of the kernels. */
  static List<Path> sources() {
    try (Stream<Path> files = Files.walk(folder())) {
      return files.filter(file -> file.toString().matches(".*\\.cuh?")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    return SourceTree.root().resolve("kernels/src/main/cuda");
  }

  private static Map<String, CudaMacros.Macro> headers() {
    Map<String, CudaMacros.Macro> macros = new HashMap<>();
    for (Path file : sources()) {
      if (file.toString().endsWith(".cuh")) {
        macros.putAll(CudaMacros.defined(SourceTree.read(file)));
      }
    }
    return macros;
  }

  /**
   * The statements of a file in the order of the source, those of macros where they are used. Both
   * branches of an {@code #if} count.
   *
   * @param file its name
   * @param headers macros that the file may use beside its own
   */
  static List<String> of(String file, String source, Map<String, CudaMacros.Macro> headers) {
    List<String> tokens = CudaMacros.expand(source, headers);
    List<String> statements = new ArrayList<>();
    // Names of the functions and structs that the place is in; empty for other blocks.
    Deque<String> scopes = new ArrayDeque<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (token.equals("{")) {
        scopes.addLast(scope(tokens, i));
      } else if (token.equals("}") && !scopes.isEmpty()) {
        scopes.removeLast();
      } else if (ASM.contains(token)) {
        int open = tokens.subList(i, tokens.size()).indexOf("(") + i;
        int end = CudaMacros.closing(tokens, open);
        String where = String.join("::", scopes.stream().filter(s -> !s.isEmpty()).toList());
        String qualifiers = tokens.get(i + 1).equals("volatile") ? "volatile " : "";
        List<List<String>> sections = CudaMacros.split(tokens.subList(open + 1, end), ":");
        statements.add(file + ": " + where + "\n  " + qualifiers + statement(sections));
        i = end;
      }
    }
    return statements;
  }

  /** The function or struct whose block begins at a brace; empty if it is another block. */
  private static String scope(List<String> tokens, int brace) {
    if (brace > 0 && tokens.get(brace - 1).equals(")")) {
      int name = CudaMacros.opening(tokens, brace - 1) - 1;
      boolean isFunction = !CONTROL.contains(tokens.get(name));
      return isFunction ? join(tokens.subList(name, brace)) : "";
    }
    int begin = brace;
    while (begin > 0 && !Set.of(";", "{", "}", "struct").contains(tokens.get(begin - 1))) {
      begin--;
    }
    boolean isStruct = begin > 0 && tokens.get(begin - 1).equals("struct");
    return isStruct ? join(tokens.subList(begin, brace)) : "";
  }

  private static String statement(List<List<String>> sections) {
    StringBuilder text = new StringBuilder();
    for (String literal : sections.getFirst()) {
      text.append(literal, 1, literal.length() - 1);
    }
    String spaced = text.toString().replaceAll("(\\\\[nt]|\\s)+", " ").strip();
    List<String> parts = new ArrayList<>();
    for (int i = 1; i < sections.size(); i++) {
      List<String> section = sections.get(i);
      if (!section.isEmpty()) {
        String found = i <= 2 ? operands(section) : join(section).replace("\"", "");
        parts.add(SECTIONS.get(i - 1) + " " + found);
      }
    }
    String quoted = "\"" + shortPlaces(spaced) + "\"";
    return parts.isEmpty() ? quoted : quoted + "\n  " + String.join("; ", parts);
  }

  private static String shortPlaces(String text) {
    return PLACES
        .matcher(text)
        .replaceAll(
            places -> {
              List<String> all = List.of(places.group().split(", "));
              int first = Integer.parseInt(all.getFirst().substring(1));
              for (int i = 0; i < all.size(); i++) {
                if (all.size() < SHORTEST_RUN || !all.get(i).equals("%" + (first + i))) {
                  return places.group();
                }
              }
              return all.getFirst() + ".." + all.getLast();
            });
  }

  /** Operands as {@code constraint expression}. */
  private static String operands(List<String> tokens) {
    List<String> operands = new ArrayList<>();
    for (List<String> operand : CudaMacros.split(tokens, ",")) {
      String constraint = operand.getFirst().replace("\"", "");
      String expression = join(operand.subList(2, operand.size() - 1));
      operands.add(constraint + " " + expression);
    }
    return String.join(", ", shortRuns(operands));
  }

  private static List<String> shortRuns(List<String> operands) {
    List<String> written = new ArrayList<>();
    for (int i = 0; i < operands.size(); ) {
      Matcher first = INDEX.matcher(operands.get(i));
      int count = 0;
      if (first.find()) {
        int index = sum(first.group(2));
        String prefix = operands.get(i).substring(0, first.start(2));
        while (i + count < operands.size()
            && evaluated(operands.get(i + count)).equals(prefix + (index + count) + "]")) {
          count++;
        }
        if (count >= SHORTEST_RUN) {
          written.add("%s%d..%d]".formatted(prefix, index, index + count - 1));
          i += count;
          continue;
        }
      }
      written.add(evaluated(operands.get(i++)));
    }
    return written;
  }

  private static String evaluated(String operand) {
    return INDEX.matcher(operand).replaceAll(m -> m.group(1) + "[" + sum(m.group(2)) + "]");
  }

  private static int sum(String terms) {
    int sum = 0;
    for (String term : terms.split("\\+")) {
      sum += Integer.parseInt(term);
    }
    return sum;
  }

  /** Tokens as text, with spaces where two words would run together and after commas. */
  private static String join(List<String> tokens) {
    StringBuilder text = new StringBuilder();
    String before = "";
    for (String token : tokens) {
      boolean words = WORD.matcher(before).matches() && WORD.matcher(token).matches();
      text.append(words || before.equals(",") ? " " : "").append(token);
      before = token;
    }
    return text.toString();
  }
}
