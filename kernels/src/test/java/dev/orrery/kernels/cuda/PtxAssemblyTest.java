package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The PTX in the jar is what drivers from 525 on can read, though a newer compiler wrote it: the
 * assembler of that time takes it, without spills and without wgmma that waits. What the functions
 * take there is stored as {@code target/cuda/assembled.txt}.
 */
@Tag("slow")
class PtxAssemblyTest {
  /**
   * Functions that may spill, named {@code function sm_80}, and why. A spill is traffic to memory
   * inside the inner loop more often than not, so none is tolerated unseen.
   */
  private static final Map<String, String> MAY_SPILL =
      Map.of(
          "resize_bilinear_u8 sm_80",
              "a number kept while a division is called; one image a session",
          "resize_bilinear_u8 sm_90", "the same");

  /** Sources whose wgmma this old assembler serialises, which costs time, and why it may. */
  private static final Map<String, String> MAY_WAIT =
      Map.of(
          "MatmulHopper",
          "C7515 of CUDA 12.0 with or without wgmma_hold and cleared sums; 13.0 has no remark",
          "MatmulInt8Hopper",
          "the same loop",
          "ConvHopper",
          "the same",
          "ConvKn2rowHopper",
          "the same");

  private static final String REPORT = "assembled.txt";

  @BeforeEach
  void needsTheAssembler() {
    need(PtxAssembler.missing() == null, PtxAssembler.missing());
  }

  @Test
  void everyKernelAssemblesWithoutSpills() throws Exception {
    List<Path> files = ptxFiles();
    need(!files.isEmpty(), "no PTX was built: nvcc was not found");
    List<String> faults = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    Set<String> excuses = new HashSet<>(MAY_SPILL.keySet());
    for (Path file : files) {
      String stem = stem(file);
      String architecture =
          stem.endsWith("Hopper") ? "90a" : file.toString().endsWith(".ptx90") ? "90" : "80";
      for (CompilerLog.Resources found : assemble(file, architecture, faults)) {
        rows.add(found.json(stem));
        String label = found.name() + " sm_" + architecture;
        if (found.spillBytes() > 0 && !excuses.remove(label)) {
          faults.add(label + " spills " + found.spillBytes() + " bytes a thread");
        }
      }
    }
    excuses.forEach(label -> faults.add(label + " may spill but does not"));
    Path folder = Path.of(System.getProperty("project.root"), "kernels/target/cuda");
    Files.write(Files.createDirectories(folder).resolve(REPORT), rows);
    assertEquals(List.of(), faults);
  }

  /** Were any PTX accepted, the test above would show nothing. */
  @Test
  void instructionsOfAnotherArchitectureAreRejected() {
    String ptx =
        """
        .version 8.0
        .target sm_90a
        .address_size 64
        .visible .entry f() { wgmma.fence.sync.aligned; ret; }
        """;
    assertEquals("f", PtxAssembler.assemble(ptx, "90a").functions().getFirst().name());
    String portable = ptx.replace("sm_90a", "sm_80");
    String message =
        assertThrows(IllegalArgumentException.class, () -> PtxAssembler.assemble(portable, "80"))
            .getMessage();
    assertTrue(message.contains("wgmma.fence"), message);
  }

  /** Were the report of stack and spills misread, none would ever be found. */
  @Test
  void stackIsReported() {
    String ptx =
        """
        .version 8.0
        .target sm_80
        .address_size 64
        .visible .entry f(.param .u64 out, .param .u32 index) {
          .local .align 8 .b8 values[64];
          .reg .u64 %out, %address, %offset;
          .reg .u32 %index, %value;
          ld.param.u64 %out, [out];
          ld.param.u32 %index, [index];
          cvt.u64.u32 %offset, %index;
          mov.u64 %address, values;
          add.u64 %address, %address, %offset;
          st.local.u32 [%address], %index;
          ld.local.u32 %value, [values+4];
          st.global.u32 [%out], %value;
          ret;
        }
        """;
    assertEquals(64, PtxAssembler.assemble(ptx, "80").functions().getFirst().stackBytes());
  }

  private static List<CompilerLog.Resources> assemble(
      Path file, String architecture, List<String> faults) throws IOException {
    try {
      CompilerLog log = PtxAssembler.assemble(Files.readString(file), architecture);
      boolean mayWait = MAY_WAIT.containsKey(stem(file));
      if (!mayWait) {
        log.serialised().forEach(remark -> faults.add(file.getFileName() + ": " + remark));
      } else if (log.serialised().isEmpty()) {
        faults.add(file.getFileName() + " may wait for wgmma but does not");
      }
      List<CompilerLog.Resources> functions = log.functions();
      if (functions.isEmpty()) {
        faults.add(file.getFileName() + " has no function");
      }
      return functions;
    } catch (IllegalArgumentException e) {
      faults.add(file.getFileName() + " for sm_" + architecture + ": " + e.getMessage());
      return List.of();
    }
  }

  private static List<Path> ptxFiles() throws IOException, URISyntaxException {
    URL resources = KernelImages.class.getResource("resources.json");
    if (resources == null) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(Path.of(resources.toURI()).getParent())) {
      return files.filter(file -> file.toString().matches(".*\\.ptx(90)?")).sorted().toList();
    }
  }

  private static String stem(Path ptx) {
    return ptx.getFileName().toString().replaceFirst("\\..*", "");
  }

  /** Skips the test, or fails it where CUDA must be complete. */
  private static void need(boolean present, String reason) {
    if (Boolean.getBoolean("requireCuda")) {
      assertTrue(present, reason);
    }
    assumeTrue(present, reason);
  }
}
