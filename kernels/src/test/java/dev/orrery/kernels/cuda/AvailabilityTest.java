package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Why a GPU cannot be used is one line. Emulated only: a real driver is what it is. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class AvailabilityTest {
  @AfterEach
  void restore() {
    EmulatedDriver.start(Setup.DEFAULT);
  }

  @Test
  void driverThatIsTooOld() {
    assertEquals(
        "the NVIDIA driver is too old: it supports CUDA 11.8, the kernels need 12.0 (driver 525)",
        refusal(new Setup(0, 80, 1L << 30, 11080), 0));
  }

  @Test
  void deviceThatIsTooOld() {
    String refusal = refusal(Setup.DEFAULT.withCapability(75), 0);
    assertTrue(
        refusal.matches(
            "cuda:0 \\(.+\\) is too old: it has compute capability 7.5, the kernels need 8.0"),
        refusal);
  }

  @Test
  void deviceThatIsNotThere() {
    assertEquals(
        "there is no GPU 3: the NVIDIA driver finds 1, counted from 0", refusal(Setup.DEFAULT, 3));
  }

  @Test
  void kernelsThatWereNotBuilt() {
    KernelImages none = KernelImages.ofJar(Availability.MACHINE_CODE_DRIVER);
    CudaUnavailableException e =
        assertThrows(CudaUnavailableException.class, () -> none.image("NoSuchKernel"));
    assertEquals(
        "this build has no CUDA kernels (NoSuchKernel.fatbin is missing): it was built where nvcc"
            + " was not found",
        e.getMessage());
  }

  private static String refusal(Setup setup, int ordinal) {
    EmulatedDriver driver = EmulatedDriver.start(setup);
    return assertThrows(
            CudaUnavailableException.class,
            () -> CudaDevice.open(ordinal, driver.images(Variant.FAST)))
        .getMessage();
  }
}
