package dev.orrery.kernels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of the C preprocessor as the CUDA sources need to show their {@code asm} statements:
 * object-like and function-like macros with {@code #} and {@code ##}. Conditionals and includes are
 * passed over.
 */
final class CudaMacros {
  /**
   * A macro.
   *
   * @param parameters null if it is object-like
   * @param body its tokens
   */
  record Macro(List<String> parameters, List<String> body) {}

  private static final Pattern COMMENT =
      Pattern.compile("(\"(?:\\\\.|[^\"\\\\\n])*\")|//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern TOKEN =
      Pattern.compile("\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|\\w+|##|\\S");
  private static final Pattern DEFINE =
      Pattern.compile("\\s*#\\s*define\\s+(\\w+)(\\([^)]*\\))?(.*)", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

  private CudaMacros() {}

  /** The macros that a source defines. */
  static Map<String, Macro> defined(String source) {
    Map<String, Macro> macros = new HashMap<>();
    for (String line : lines(source)) {
      Matcher define = DEFINE.matcher(line);
      if (define.matches()) {
        String list = define.group(2);
        List<String> parameters =
            list == null ? null : tokens(list).stream().filter(WORD.asMatchPredicate()).toList();
        macros.put(define.group(1), new Macro(parameters, tokens(define.group(3))));
      }
    }
    return macros;
  }

  /** The tokens of a source, its own macros and those of headers expanded, without directives. */
  static List<String> expand(String source, Map<String, Macro> headers) {
    Map<String, Macro> macros = new HashMap<>(headers);
    macros.putAll(defined(source));
    List<String> tokens = new ArrayList<>();
    for (String line : lines(source)) {
      if (!line.stripLeading().startsWith("#")) {
        tokens.addAll(tokens(line));
      }
    }
    return expand(tokens, macros, Set.of());
  }

  /** Logical lines without comments. */
  private static List<String> lines(String source) {
    String joined = source.replace("\\\n", " ");
    return COMMENT
        .matcher(joined)
        .replaceAll(m -> m.group(1) == null ? " " : Matcher.quoteReplacement(m.group(1)))
        .lines()
        .toList();
  }

  private static List<String> tokens(String text) {
    return TOKEN.matcher(text).results().map(token -> token.group()).toList();
  }

  private static List<String> expand(
      List<String> tokens, Map<String, Macro> macros, Set<String> hidden) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      String name = tokens.get(i);
      Macro macro = hidden.contains(name) ? null : macros.get(name);
      boolean call = i + 1 < tokens.size() && tokens.get(i + 1).equals("(");
      if (macro == null || macro.parameters() != null && !call) {
        out.add(name);
        continue;
      }
      List<List<String>> arguments = List.of();
      if (macro.parameters() != null) {
        int end = closing(tokens, i + 1);
        arguments = split(tokens.subList(i + 2, end), ",");
        i = end;
      }
      Set<String> within = new TreeSet<>(hidden);
      within.add(name);
      out.addAll(expand(substitute(macro, arguments, macros, hidden), macros, within));
    }
    return out;
  }

  private static List<String> substitute(
      Macro macro, List<List<String>> arguments, Map<String, Macro> macros, Set<String> hidden) {
    List<String> body = macro.body();
    List<String> out = new ArrayList<>();
    boolean paste = false;
    for (int i = 0; i < body.size(); i++) {
      String token = body.get(i);
      if (token.equals("##")) {
        paste = true;
        continue;
      }
      int parameter = macro.parameters() == null ? -1 : macro.parameters().indexOf(token);
      List<String> added = List.of(token);
      if (token.equals("#") && macro.parameters() != null) {
        List<String> quoted = arguments.get(macro.parameters().indexOf(body.get(++i)));
        added = List.of('"' + String.join(" ", quoted) + '"');
      } else if (parameter >= 0) {
        boolean raw = paste || i + 1 < body.size() && body.get(i + 1).equals("##");
        List<String> argument = arguments.get(parameter);
        added = raw ? argument : expand(argument, macros, hidden);
      }
      if (paste && !added.isEmpty()) {
        out.add(out.removeLast() + added.getFirst());
        added = added.subList(1, added.size());
      }
      out.addAll(added);
      paste = false;
    }
    return out;
  }

  /** Where the parenthesis is closed that is opened at a place. */
  static int closing(List<String> tokens, int open) {
    return partner(tokens, open, 1);
  }

  /** Where the parenthesis was opened that is closed at a place. */
  static int opening(List<String> tokens, int close) {
    return partner(tokens, close, -1);
  }

  private static int partner(List<String> tokens, int from, int step) {
    int depth = 0;
    for (int i = from; i >= 0 && i < tokens.size(); i += step) {
      depth += tokens.get(i).equals("(") ? 1 : tokens.get(i).equals(")") ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("a parenthesis has no partner: token " + from);
  }

  /** The parts between separators outside of brackets; none if there are no tokens. */
  static List<List<String>> split(List<String> tokens, String separator) {
    List<List<String>> parts = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      depth += Set.of("(", "[", "{").contains(token) ? 1 : 0;
      depth -= Set.of(")", "]", "}").contains(token) ? 1 : 0;
      if (depth == 0 && token.equals(separator)) {
        parts.add(tokens.subList(begin, i));
        begin = i + 1;
      }
    }
    if (begin < tokens.size() || begin > 0) {
      parts.add(tokens.subList(begin, tokens.size()));
    }
    return parts;
  }
}
