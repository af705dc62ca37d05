package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every CUDA kernel waits for the one before it and admits the next one ({@code kernel_order.cuh}).
 * That all of its threads wait early enough is what the emulator finds out in every launch; this
 * test leaves no kernel out.
 */
class KernelOrderTest {
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(.+)\"$");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");
  private static final Set<String> CONTROL = Set.of("if", "constexpr", "for", "while", "switch");

  /** A function with a body. */
  private record Function(String name, boolean isKernel, List<String> body) {}

  @Test
  void everyKernelWaitsAndAdmitsTheNext() {
    List<String> faults = new ArrayList<>();
    for (Path file : CudaAssembly.sources()) {
      if (file.toString().endsWith(".cu")) {
        List<Function> functions = functions(withHeaders(file, new HashSet<>()));
        String name = file.getFileName().toString();
        assertTrue(functions.stream().anyMatch(Function::isKernel), name + " has no kernel");
        faults.addAll(faults(name, functions));
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void onesThatDoNotAreFound() {
    String source =
        """
        DEV void work(float *x) {
          wait_for_previous_kernel();
          if (x[0] > 0) { x[0] = 0; }
          admit_next_kernel();
        }
        #define KERNEL(name, body) extern "C" __global__ void __launch_bounds__(32) name(float *x) body
        KERNEL(right, { work(x); })
        KERNEL(hasty, { admit_next_kernel(); x[0] = 1; })
        KERNEL(lonely, { wait_for_previous_kernel(); x[0] = 1; })
        """;
    assertEquals(
        List.of(
            "a.cu: hasty calls no wait_for_previous_kernel",
            "a.cu: lonely calls no admit_next_kernel"),
        faults("a.cu", functions(source)));
  }

  private static List<String> faults(String file, List<Function> functions) {
    List<String> faults = new ArrayList<>();
    for (String call : List.of("wait_for_previous_kernel", "admit_next_kernel")) {
      Set<String> calling = callersOf(call, functions);
      functions.stream()
          .filter(function -> function.isKernel() && !calling.contains(function.name()))
          .forEach(function -> faults.add(file + ": " + function.name() + " calls no " + call));
    }
    return faults;
  }

  /** Names of the functions that call one, and of those that call these. */
  private static Set<String> callersOf(String call, List<Function> functions) {
    Set<String> callers = new HashSet<>(Set.of(call));
    boolean grows = true;
    while (grows) {
      grows = false;
      for (Function function : functions) {
        if (function.body().stream().anyMatch(callers::contains)) {
          grows |= callers.add(function.name());
        }
      }
    }
    return callers;
  }

  private static List<Function> functions(String source) {
    List<String> tokens = CudaMacros.expand(source, Map.of());
    List<Function> functions = new ArrayList<>();
    for (int i = 1; i < tokens.size(); i++) {
      int close = tokens.get(i - 1).equals("const") ? i - 2 : i - 1;
      if (!tokens.get(i).equals("{") || !tokens.get(close).equals(")")) {
        continue;
      }
      int name = CudaMacros.opening(tokens, close) - 1;
      if (isFunctionName(tokens.get(name))) {
        boolean isKernel = headOf(tokens, name).contains("__global__");
        functions.add(new Function(tokens.get(name), isKernel, bodyAt(tokens, i)));
      }
    }
    return functions;
  }

  private static boolean isFunctionName(String token) {
    return NAME.matcher(token).matches() && !CONTROL.contains(token);
  }

  /** What stands before a name of its declaration. */
  private static List<String> headOf(List<String> tokens, int name) {
    int begin = name;
    while (begin > 0 && !Set.of(";", "{", "}").contains(tokens.get(begin - 1))) {
      begin--;
    }
    return tokens.subList(begin, name);
  }

  private static List<String> bodyAt(List<String> tokens, int brace) {
    int depth = 0;
    for (int i = brace; i < tokens.size(); i++) {
      depth += tokens.get(i).equals("{") ? 1 : tokens.get(i).equals("}") ? -1 : 0;
      if (depth == 0) {
        return tokens.subList(brace, i);
      }
    }
    throw new IllegalArgumentException("a brace has no partner: token " + brace);
  }

  /** A source with the text of its headers in the place of the first inclusion of each. */
  private static String withHeaders(Path file, Set<String> included) {
    return INCLUDE
        .matcher(SourceTree.read(file))
        .replaceAll(
            include -> {
              Path header = file.resolveSibling(include.group(1));
              boolean isNew = header.toFile().exists() && included.add(header.toString());
              return isNew ? Matcher.quoteReplacement(withHeaders(header, included)) : "";
            });
  }
}
