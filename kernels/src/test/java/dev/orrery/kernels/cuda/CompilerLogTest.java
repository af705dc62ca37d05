package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports of the assembler become numbers. */
class CompilerLogTest {
  private static final String LOG =
      """
      ptxas info    : 0 bytes gmem, 24 bytes cmem[4]
      ptxas info    : Compiling entry function 'add_f32' for 'sm_80'
      ptxas info    : Function properties for add_f32
          16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
      ptxas info    : Used 40 registers, used 1 barriers, 16 bytes cumulative stack size, 512 bytes smem, 396 bytes cmem[0]
      ptxas info    : Compile time = 5.5 ms
      ptxas info    : Function properties for helper
          32 bytes stack frame, 4 bytes spill stores, 0 bytes spill loads
      ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async instructions are serialized
      ptxas info    : Compiling entry function 'add_bf16' for 'sm_90a'
      ptxas info    : Function properties for add_bf16
      ptxas         .     24 bytes stack frame, 28 bytes spill stores, 30 bytes spill loads
      ptxas info    : Used 255 registers
      """;

  @Test
  void functionsHaveTheirResources() {
    assertEquals(
        List.of(
            new CompilerLog.Resources("add_f32", "80", 40, 512, 48, 12, 12),
            new CompilerLog.Resources("add_bf16", "90a", 255, 0, 24, 28, 30)),
        CompilerLog.parse(LOG).functions());
  }

  @Test
  void everythingElseIsARemark() {
    assertEquals(
        List.of(
            "ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async instructions are"
                + " serialized"),
        CompilerLog.parse(LOG).remarks());
  }

  @Test
  void serialisedProductsAreToldFromOtherRemarks() {
    String wait = "ptxas info    : (C7517) Potential Performance Loss: wait injected in 'f'";
    String other = "ptxas info    : (C7999) something else";
    assertEquals(List.of(wait), CompilerLog.parse(wait + "\n" + other).serialised());
    assertEquals(1, CompilerLog.parse(LOG).serialised().size());
  }
}
