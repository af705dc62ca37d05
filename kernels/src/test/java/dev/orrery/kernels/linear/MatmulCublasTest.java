package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import dev.orrery.kernels.cuda.EmulatedDriver;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulCublasTest {
  @Test
  void withoutTheLibraryTheReasonIsOneLine() {
    assumeFalse(isInstalled(), "cuBLAS is installed here");
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    CudaDevice device = CudaDevice.open(0, driver.images(Variant.FAST));
    CudaUnavailableException e =
        assertThrows(
            CudaUnavailableException.class, () -> CudaBackend.on(device, MatmulProvider.CUBLAS));
    assertEquals(
        "no cuBLAS found (libcublas.so.12 cannot be loaded): install it from CUDA 12, or use"
            + " Orrery's own matmul",
        e.getMessage());
  }

  @SuppressWarnings("restricted")
  private static boolean isInstalled() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup("libcublas.so.12", arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
