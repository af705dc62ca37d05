package dev.orrery.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Where compiled kernels come from. */
@FunctionalInterface
public interface KernelImages {
  /**
   * What the driver is given to load the kernels of one source file.
   *
   * @param stem name of the source file without its ending
   * @return a fat binary, or PTX as text that ends in a zero
   * @throws CudaUnavailableException if it was not built
   */
  byte[] image(String stem);

  /**
   * The images in the jar: machine code for drivers that know the format of the compiler it was
   * made with, PTX for older ones.
   *
   * @param driverVersion as the driver gives it, 12000 being 12.0
   */
  static KernelImages ofJar(int driverVersion) {
    boolean machineCode = driverVersion >= Availability.MACHINE_CODE_DRIVER;
    return stem -> {
      String file = stem + (machineCode ? ".fatbin" : ".ptx");
      try (InputStream in = KernelImages.class.getResourceAsStream(file)) {
        if (in == null) {
          throw new CudaUnavailableException(
              "this build has no CUDA kernels ("
                  + file
                  + " is missing): it was built where nvcc was not found");
        }
        byte[] image = in.readAllBytes();
        return machineCode ? image : Arrays.copyOf(image, image.length + 1);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
