package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What TornadoVM's compiler gets wrong without saying so is not in the sources of kernels. */
class TornadoSourcesTest {
  private static final Pattern KERNEL =
      Pattern.compile("static void (\\w+)\\(\\s*(?:KernelContext|IntArray) ");

  /** A kernel is named like its method: like one of these, the driver of OpenCL may crash. */
  private static final Set<String> FUNCTIONS_OF_OPENCL =
      Set.of(
          "abs",
          "acos",
          "add_sat",
          "all",
          "any",
          "asin",
          "atan",
          "barrier",
          "bitselect",
          "cbrt",
          "ceil",
          "clamp",
          "clz",
          "cos",
          "cross",
          "degrees",
          "distance",
          "dot",
          "erf",
          "erfc",
          "exp",
          "exp2",
          "fabs",
          "fdim",
          "floor",
          "fma",
          "fmax",
          "fmin",
          "fmod",
          "fract",
          "hadd",
          "hypot",
          "isequal",
          "isfinite",
          "isinf",
          "isnan",
          "length",
          "log",
          "log2",
          "mad",
          "max",
          "min",
          "mix",
          "modf",
          "normalize",
          "popcount",
          "pow",
          "prefetch",
          "printf",
          "radians",
          "remainder",
          "rint",
          "rotate",
          "round",
          "rsqrt",
          "select",
          "shuffle",
          "sign",
          "signbit",
          "sin",
          "smoothstep",
          "sqrt",
          "step",
          "tan",
          "tanh",
          "tgamma",
          "trunc",
          "upsample",
          "kernel",
          "global",
          "local",
          "constant");

  /** Arguments of 15 are the most that older versions take. */
  private static final int MOST_ARGUMENTS = 15;

  private static List<Path> sources() {
    return SourceTree.javaFiles(SourceTree.root().resolve("kernels/src/main/java")).stream()
        .filter(file -> SourceTree.read(file).contains("uk.ac.manchester.tornado"))
        .toList();
  }

  @Test
  void kernelsAreNotNamedLikeFunctionsOfOpenCl() {
    List<String> faults = new ArrayList<>();
    int kernels = 0;
    for (Path file : sources()) {
      Matcher kernel = KERNEL.matcher(SourceTree.read(file));
      while (kernel.find()) {
        kernels++;
        if (FUNCTIONS_OF_OPENCL.contains(kernel.group(1))) {
          faults.add(file.getFileName() + ": " + kernel.group(1));
        }
      }
    }
    assertEquals(List.of(), faults);
    assertTrue(kernels >= 30, kernels + " kernels found");
  }

  @Test
  void kernelsTakeNoMoreArgumentsThanEveryVersionAllows() {
    List<String> faults = new ArrayList<>();
    for (Path file : sources()) {
      String source = SourceTree.read(file);
      Matcher kernel = KERNEL.matcher(source);
      while (kernel.find()) {
        String arguments = source.substring(kernel.end(), source.indexOf(')', kernel.end()));
        if (arguments.split(",").length > MOST_ARGUMENTS) {
          faults.add(file.getFileName() + ": " + kernel.group(1));
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  /** It takes these of an fp64 that devices need not have, or does not compile them. */
  @Test
  void kernelsUseNoFunctionsOfJavaOnDoubles() {
    Pattern doubles =
        Pattern.compile("Math\\.(exp|sqrt|sin|cos|tanh|pow|log|fma|floor|rint|ceil)\\(");
    List<String> faults = new ArrayList<>();
    for (Path file : sources()) {
      String source = SourceTree.read(file);
      Matcher kernel = KERNEL.matcher(source);
      while (kernel.find()) {
        int end = source.indexOf("\n  }\n", kernel.end());
        String body = source.substring(kernel.end(), end).replace("TornadoMath.", "");
        Matcher call = doubles.matcher(body);
        if (call.find()) {
          faults.add(file.getFileName() + ": " + call.group());
        }
      }
    }
    assertEquals(List.of(), faults);
  }
}
