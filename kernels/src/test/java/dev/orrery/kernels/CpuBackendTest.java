package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class CpuBackendTest {
  /** Run in a Java of its own, which lacks the module. */
  static final class WithoutVectorModule {
    public static void main(String[] args) {
      try (CpuBackend reference = CpuBackend.reference(1)) {
        System.out.println(reference.name());
      }
      try (CpuBackend simd = CpuBackend.simd(1)) {
        System.out.println(simd.name());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void saysHowToStartJavaWhenTheVectorModuleIsMissing() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                WithoutVectorModule.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, java.waitFor(), printed);
    assertTrue(printed.startsWith("reference" + System.lineSeparator()), printed);
    assertTrue(printed.contains("start Java with --add-modules jdk.incubator.vector"), printed);
  }
}
