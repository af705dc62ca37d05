package dev.orrery.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Set;

/** Where compiled kernels come from. */
@FunctionalInterface
public interface KernelImages {
  /** Those that the build makes machine code for; it runs on every GPU of its generation. */
  Set<Integer> GENERATIONS_WITH_MACHINE_CODE = Set.of(8, 9, 10, 12);

  /**
   * What the driver is given to load the kernels of one source file.
   *
   * @param stem name of the source file without its ending
   * @return a fat binary, or PTX as text that ends in a zero
   * @throws CudaUnavailableException if it was not built
   */
  byte[] image(String stem);

  /**
   * The images in the jar: machine code for the generations of GPUs it was made for and drivers
   * that know the format of its compiler, PTX for all others, which from compute capability 9.0 on
   * is that of 9.0.
   *
   * @param driverVersion as the driver gives it, 12000 being 12.0
   * @param capability compute capability times ten
   */
  static KernelImages ofJar(int driverVersion, int capability) {
    boolean machineCode =
        driverVersion >= Availability.MACHINE_CODE_DRIVER
            && GENERATIONS_WITH_MACHINE_CODE.contains(capability / 10);
    String ptx = capability < 90 ? ".ptx" : ".ptx90";
    return stem -> {
      String file = stem + (machineCode ? ".fatbin" : ptx);
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
