package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        "there is no GPU 3: the NVIDIA driver finds 2, counted from 0", refusal(Setup.DEFAULT, 3));
  }

  @Test
  void kernelsThatWereNotBuilt() {
    KernelImages none = KernelImages.ofJar(Availability.MACHINE_CODE_DRIVER, 90);
    CudaUnavailableException e =
        assertThrows(CudaUnavailableException.class, () -> none.image("NoSuchKernel"));
    assertEquals(
        "this build has no CUDA kernels (NoSuchKernel.fatbin is missing): it was built where nvcc"
            + " was not found",
        e.getMessage());
  }

  /** Older drivers, and GPUs of a generation that came later, get PTX. */
  @ParameterizedTest
  @CsvSource({
    "13000, 80, fatbin",
    "13000, 89, fatbin",
    "13010, 90, fatbin",
    "13000, 120, fatbin",
    "12080, 89, ptx",
    "12080, 90, ptx90",
    "13000, 110, ptx90"
  })
  void imageSuitsDriverAndDevice(int driver, int capability, String ending) {
    KernelImages images = KernelImages.ofJar(driver, capability);
    String message =
        assertThrows(CudaUnavailableException.class, () -> images.image("NoSuchKernel"))
            .getMessage();
    assertTrue(message.contains("(NoSuchKernel." + ending + " is missing)"), message);
  }

  private static String refusal(Setup setup, int ordinal) {
    EmulatedDriver driver = EmulatedDriver.start(setup);
    return assertThrows(
            CudaUnavailableException.class,
            () -> CudaDevice.open(ordinal, driver.images(Variant.FAST)))
        .getMessage();
  }
}
